{
  mkShell,
  fdnix-indexer,
  nodejs,
  gitMinimal,
  nixfmt,
  deadnix,
  statix,
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
    statix
    zstd
  ];
}
