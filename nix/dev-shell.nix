{
  mkShell,
  fdnix-indexer,
  nodejs,
  gitMinimal,
  nixfmt,
  deadnix,
  zstd,
}:
mkShell {
  packages = [
    nodejs
    fdnix-indexer.nix-eval-jobs
    fdnix-indexer.nix
    gitMinimal
    nixfmt
    deadnix
    zstd
  ];
}
