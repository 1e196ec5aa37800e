/** Development and databases: other words for the same thing, see index.ts. */
export const development = `
adb, android debug bridge, android tools
api testing, http client, rest client, api client
argument parser, command line parser, option parser, argument parsing, command-line parsing
assembler, assembly
barcode, qr code
binary analysis, executable analysis
build system, build tool, build automation
bundler, module bundler, bundling
changelog, release notes
ci, continuous integration
code coverage, coverage
code editor, text editor, source code editor
code formatter, formatter, pretty-printer
code search, grep, source code search
code snippets, snippet manager, snippets
column-oriented, columnar, olap, column store
commit message, conventional commits, commit messages
compiler, compile, compilation
container runtime, oci runtime, container engine
container, docker, oci
database client, database gui, sql client, database tool
database migration, schema migration, migrations
db, database, dbms
debugger, debugging
decompiler, disassembler, reverse engineering
dependency management, package manager, packaging
development environments, dev environment, developer environment, shell environment
diff, compare, difference, comparison
docs, documentation
dtrace, ebpf, bpf, system call
embedded database, embeddable database, in-process database, database engine
firmware, bios, uefi
full text search, search engine
fuzzer, fuzzing, fuzz testing
fuzzy finder, fuzzy search, fuzzy
git client, git gui, git frontend
git hosting, git server, git service, forge
git server, git hosting, forge, code hosting
graph database, graph dbms
graphics tablet, wacom
gui toolkit, widget toolkit, gui framework
hardware information, hardware info, hardware lister, system information
hex editor, binary editor, hexadecimal
http debugging, http proxy, intercept
ide, integrated development environment, development environment
in-memory database, cache, key-value store
infrastructure as code, provisioning infrastructure
javascript runtime, js runtime
job queue, task queue, background jobs
json processor, process json, json query
key value, key-value, kv
keyboard firmware, qmk, zmk
language server, lsp
linter, lint, checker, static analysis, static analyzer
llm, large language model, language model
memory debugger, memory leak, memory profiler, memory debugging
merge tool, diff viewer, three-way merge
microcontroller, arduino, avr
nixos deployment, deploy nixos, deployment tool
orm, object-relational mapping, object relational mapper
package manager, package management
parser generator, parsing, parser
penetration testing, pentest, pentesting, exploitation
platformer, platform game, jump and run
profiler, profiling, performance analysis
property-based testing, property testing, quickcheck
protobuf, protocol buffers
qr code, qrcode
regex tester, regular expressions, regex
regex, regexp, regular expression
repl, interactive shell, interactive interpreter
revision control, version control, vcs, scm
rpc, remote procedure call
serialization, serializer, data interchange
smart contract, solidity, smart contracts
speed test, speedtest, bandwidth test, internet speed
sql, relational database, relational
stress test, stress testing, load generator
structural diff, syntax-aware diff, semantic diff, syntax tree
system information, system info, fetch
template engine, templating, templates
test framework, testing framework, unit test
test, testing, unit testing
time series, timeseries, time-series, tsdb
toolchain, cross compiler
traceroute, route tracing, network path
type checker, static typing, type checking, static type
vector database, vector search, similarity search, nearest neighbor
version manager, runtime version, toolchain installer
web framework, web application framework
yaml, yml
`;
