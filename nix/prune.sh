# shellcheck shell=bash
# ONNX Runtime has the libraries of all platforms in one package.
#
#   prune_foreign PACKAGE OS CPU   leaves those of one platform, in npm's words, in an installed package
prune_foreign() {
  local libraries
  for libraries in "$1"/node_modules/onnxruntime-node/bin/*; do
    [ -d "$libraries" ] || continue
    find "$libraries" -mindepth 2 -maxdepth 2 -type d ! -path "$libraries/$2/$3" -exec rm -rf {} +
    find "$libraries" -mindepth 1 -maxdepth 1 -type d -empty -delete
  done
}
