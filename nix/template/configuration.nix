{
  nixpkgs.hostPlatform = "x86_64-linux";
  system.stateVersion = "26.05";

  # Replace these two with what your machine has.
  boot.loader.grub.device = "/dev/sda";
  fileSystems."/" = {
    device = "/dev/disk/by-label/nixos";
    fsType = "ext4";
  };

  services.fdnix-indexer = {
    enable = true;
    settings = {
      nixpkgs.ref = "nixos-26.05";

      # Leave these out to keep the datasets on this machine.
      aws.region = "eu-central-1";
      s3 = {
        bucket = "my-package-search";
        dataKey = "fdnix-data.lancedb";
        minifiedKey = "fdnix.lancedb";
      };
    };

    # An AWS credentials file; on EC2 the instance's role will do.
    credentials.AWS_SHARED_CREDENTIALS_FILE = "/var/lib/secrets/fdnix-aws";

    timerConfig = {
      OnCalendar = "daily";
      Persistent = true;
    };
  };

  # The same for another branch, with its own timer, state and keys in the bucket.
  services.fdnix-indexer.instances.unstable.settings = {
    nixpkgs.ref = "nixos-unstable";
    embedding.enabled = false;
  };
}
