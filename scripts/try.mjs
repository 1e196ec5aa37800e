// The last lines of `npm start`: what to do with the dataset that it made.
process.stderr.write(`
Three searches to try:
  npx fdnix-indexer search web server
  npx fdnix-indexer search rg --explain
  npx fdnix-indexer rdeps openssl --transitive --counts
`);
