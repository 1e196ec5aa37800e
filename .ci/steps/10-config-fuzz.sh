# Ten thousand fuzzed configurations: each is taken or refused with one error for people, never a stack trace or a hang.
FDNIX_FUZZ_RUNS=10000 node --import tsx --test --test-timeout=600000 tests/config/fuzz.test.ts
