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

  # The same for another branch, with its own state and keys in the bucket, and at another hour: each indexer takes what
  # memory is free when it starts.
  services.fdnix-indexer.instances.unstable = {
    settings = {
      nixpkgs.ref = "nixos-unstable";
      embedding.enabled = false;
      aws.region = "eu-central-1";
      s3 = {
        bucket = "my-package-search";
        dataKey = "unstable/fdnix-data.lancedb";
        minifiedKey = "unstable/fdnix.lancedb";
      };
    };
    credentials.AWS_SHARED_CREDENTIALS_FILE = "/var/lib/secrets/fdnix-aws";
    timerConfig = {
      OnCalendar = "12:00";
      Persistent = true;
    };
  };
}
