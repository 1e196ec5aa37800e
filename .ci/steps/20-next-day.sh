# All of nixpkgs indexed, indexed again, then its next day: exactly the rows of the generator's list change. Skips where the recorded
# evaluations are not beside the repository.
FDNIX_LONG_TESTS=1 node --import tsx --test --test-timeout=900000 tests/pipeline/next-day.test.ts
