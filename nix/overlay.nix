final: _prev: {
  fdnix-indexer = final.callPackage ./package.nix { };
}
