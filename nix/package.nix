{
  lib,
  stdenv,
  buildNpmPackage,
  importNpmLock,
  nodejs,
  autoPatchelfHook,
  versionCheckHook,
  writableTmpDirAsHomeHook,
  gitMinimal,
  nix-eval-jobs,
  # Only for the address of the registry that nixpkgs fetches npm's tarballs from.
  pnpm,
}:
let
  inherit (lib) fileset;
  inherit (stdenv) hostPlatform;

  root = ../.;
  manifest = lib.importJSON (root + "/package.json");

  withResolved = import ./npm-lock.nix {
    registry = lib.head (lib.splitString "/pnpm/-/" pnpm.src.url);
    platform = {
      os = hostPlatform.node.platform;
      cpu = hostPlatform.node.arch;
      libc =
        if hostPlatform.isMusl then
          "musl"
        else if hostPlatform.isLinux then
          "glibc"
        else
          null;
    };
  };
in
buildNpmPackage {
  pname = manifest.name;
  inherit (manifest) version;
  inherit nodejs;

  src = fileset.toSource {
    inherit root;
    fileset = fileset.unions (
      [
        (root + "/package.json")
        (root + "/package-lock.json")
        (root + "/tsconfig.json")
        (root + "/tsconfig.build.json")
        (root + "/src")
        (root + "/LICENSE")
      ]
      ++ map (path: fileset.maybeMissing (root + path)) [
        "/config.schema.json"
        "/sample"
        "/tests"
        "/nix/eval"
      ]
    );
  };

  npmDeps = importNpmLock {
    package = manifest;
    packageLock = withResolved (lib.importJSON (root + "/package-lock.json"));
  };
  inherit (importNpmLock) npmConfigHook;

  # Packages that download in their install script are not needed (the npm package `node`) or ship what it would fetch
  # as a platform package (esbuild).
  npmRebuildFlags = [ "--ignore-scripts" ];

  nativeBuildInputs = lib.optional hostPlatform.isLinux autoPatchelfHook;
  buildInputs = lib.optional hostPlatform.isLinux (lib.getLib stdenv.cc.cc);

  doCheck = true;
  nativeCheckInputs = [
    gitMinimal
    writableTmpDirAsHomeHook
  ];
  __darwinAllowLocalNetworking = true;
  checkPhase = ''
    runHook preCheck
    npm run test:unit
    runHook postCheck
  '';

  # The Nix that nix-eval-jobs was built with: both must agree on the evaluator and on the daemon's protocol.
  makeWrapperArgs = [
    "--prefix"
    "PATH"
    ":"
    (lib.makeBinPath [
      nix-eval-jobs
      nix-eval-jobs.nix
      gitMinimal
    ])
  ];

  doInstallCheck = true;
  nativeInstallCheckInputs = [ versionCheckHook ];

  passthru = {
    inherit nix-eval-jobs;
    inherit (nix-eval-jobs) nix;
  };

  meta = {
    inherit (manifest) description;
    license = lib.licenses.mit;
    mainProgram = "fdnix-indexer";
    # The platforms that LanceDB ships a native module for.
    platforms = [
      "x86_64-linux"
      "aarch64-linux"
      "aarch64-darwin"
    ];
    sourceProvenance = with lib.sourceTypes; [
      fromSource
      binaryNativeCode
    ];
  };
}
