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

  platform = {
    os = hostPlatform.node.platform;
    cpu = hostPlatform.node.arch;
    libc = if hostPlatform.isLinux then "glibc" else null;
  };
  withResolved = import ./npm-lock.nix {
    registry = lib.head (lib.splitString "/pnpm/-/" pnpm.src.url);
    inherit platform;
  };
in
buildNpmPackage {
  pname = manifest.name;
  inherit (manifest) version;
  inherit nodejs;

  src = fileset.toSource {
    inherit root;
    # What is built, installed and tested; the Nix files of the packaging change nothing about it.
    fileset = fileset.difference root (
      fileset.unions [
        ./module
        ./tests
        ./checks.nix
        ./dev-shell.nix
        ./formatter.nix
        ./image
        ./npm-lock.nix
        ./overlay.nix
        ./package.nix
        ./prune.sh
        (root + "/flake.nix")
        (root + "/flake.lock")
        (fileset.maybeMissing (root + "/.ci"))
        (fileset.maybeMissing (root + "/dist"))
        (fileset.maybeMissing (root + "/node_modules"))
        (fileset.maybeMissing (root + "/out"))
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

  postInstall = ''
    source ${./prune.sh}
    prune_foreign "$out/lib/node_modules/${manifest.name}" ${platform.os} ${platform.cpu}
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
    # The package lives outside of nixpkgs, whose list of maintainers it therefore does not draw on.
    maintainers = [ { name = "the fdnix-indexer authors"; } ];
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
