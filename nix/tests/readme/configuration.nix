# The rest of a machine: just enough for it to be evaluated.
{
  nixpkgs.hostPlatform = "x86_64-linux";
  boot.isContainer = true;
  system.stateVersion = "26.05";
}
