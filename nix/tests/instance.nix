{
  services.fdnix-indexer = {
    enable = true;
    instances.unstable = {
      settings.nixpkgs = {
        source = "channel";
        ref = "nixos-unstable";
      };
      timerConfig = null;
    };
  };
}
