{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
    fdnix-indexer.url = "git+file:///path/to/fdnix-indexer"; # where you have it from
  };

  outputs = { nixpkgs, fdnix-indexer, ... }: {
    nixosConfigurations.indexer = nixpkgs.lib.nixosSystem {
      modules = [
        ./configuration.nix # the rest of your machine
        fdnix-indexer.nixosModules.default
        {
          services.fdnix-indexer = {
            enable = true;
            timerConfig = {
              OnCalendar = "daily";
              Persistent = true;
            };
            settings = {
              nixpkgs.ref = "release-26.05";
              s3 = {
                bucket = "my-artifacts";
                dataKey = "snapshots/fdnix-data.lancedb";
                minifiedKey = "snapshots/fdnix.lancedb";
              };
              embedding.bedrock.roleArn = "arn:aws:iam::123456789012:role/fdnix-bedrock-batch";
            };
          };
        }
      ];
    };
  };
}
