# Both recorded systems of nixpkgs merged. Skips where the recorded evaluations are not beside the repository.
FDNIX_LONG_TESTS=1 node --import tsx --test --test-timeout=600000 tests/pipeline/two-systems.test.ts
