{
  services.fdnix-indexer.enable = true;
}
