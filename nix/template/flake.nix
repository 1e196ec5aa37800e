{
  description = "A machine that keeps a searchable index of nixpkgs";

  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
    fdnix-indexer = {
      # Where you have this project from, for instance git+file:///home/me/fdnix-indexer.
      url = "git+https://example.org/fdnix-indexer";
      inputs.nixpkgs.follows = "nixpkgs";
    };
  };

  outputs =
    { nixpkgs, fdnix-indexer, ... }:
    {
      nixosConfigurations.indexer = nixpkgs.lib.nixosSystem {
        modules = [
          fdnix-indexer.nixosModules.default
          ./configuration.nix
        ];
      };
    };
}
