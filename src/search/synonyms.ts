/**
 * Other words for the same thing. Descriptions of packages are a line each, so that the word which somebody types is often not the one
 * that was chosen: a line here holds expressions, of one to three words, each of which finds the others in descriptions.
 */
export const synonyms = `
accounting, bookkeeping, finance
antivirus, virus scanner, malware
api client, http client, rest client
app launcher, application launcher, program launcher, launcher
archive manager, archiver, unarchiver
astronomy, planetarium, telescope
audio, sound
audio editor, sound editor, wave editor, audio editing
auth, authentication
aws, amazon web services
backup, snapshot, deduplicating
barcode, qr code
benchmark, benchmarking, load testing
bibliography, reference manager, citation
bittorrent, torrent
blog, static site, publishing
bookmark manager, bookmarks, read later
bootloader, boot loader, boot manager
browser, web browser
build system, build tool, build automation
calculator, calculation, calculate
calendar, agenda, caldav
camera, webcam, photography
certificate authority, pki, tls certificates
chat, messaging, messenger, instant messaging
chess, chess engine
ci, continuous integration
cli, command-line, terminal, console
clipboard manager, clipboard history, clipboard
clipboard, selection
code editor, text editor, source code editor
code formatter, formatter, pretty-printer
code search, grep, source code search
compiler, compile, compilation
compression, compressor, compress
computer algebra, symbolic mathematics, computer algebra system
config, configuration, settings
configuration management, provisioning, automation
container, docker, oci
container image, docker image, oci image
container orchestration, kubernetes, orchestrator
container runtime, oci runtime, container engine
crypto, cryptography, encryption
cryptocurrency, bitcoin, ethereum
csv, tabular, comma-separated
daemon, server, service
data analysis, statistics, data science, dataframe
data visualization, plotting, chart
database client, database gui, sql client, database tool
daw, digital audio workstation, audio workstation
db, database, dbms
debugger, debugging
decompiler, disassembler, reverse engineering
deep learning, machine learning, neural network
desktop environment, desktop shell, desktop
desktop search, file search
diagram editor, diagramming, diagrams, flowchart
dictionary, thesaurus, lexicon
diff, compare, difference, comparison
directory listing, ls, list files
disk encryption, encrypted filesystem, encrypt
disk partitioning, partition editor, partitioning
disk usage, disk space, storage usage
display manager, login manager, greeter
dns server, name server, nameserver
docs, documentation
document converter, convert documents, markup converter
document scanner, scanner, sane
document viewer, pdf viewer, pdf reader
dotfiles, dotfile manager
download manager, downloader, file retrieval
drawing, painting, sketching
e2e encryption, end-to-end encrypted
ebook, e-book, epub
electronics, circuit, schematic
email, mail, e-mail
email client, mail client, mail user agent, mail reader
mail server, smtp server, mail transfer agent, mta
emoji picker, emoji selector
emulator, emulation
epub reader, ebook reader, e-book viewer, ebook viewer
event streaming, message broker, message queue, messaging system
fast, speed, performance
feed reader, rss reader, news reader, feed aggregator
file browser, file manager
file deduplication, duplicate files, duplicate file finder
file recovery, data recovery, undelete
file renamer, bulk rename, batch rename
file sharing, file transfer, share files
file sync, synchronization, synchronize files, synchronizer
file system, filesystem
finite element, fem, finite element analysis
firewall, packet filter, iptables, nftables
firmware, bios, uefi
flashcards, spaced repetition
font editor, font design
forum, discussion platform, community platform
full text search, search engine
fuzzy finder, fuzzy search, fuzzy
game engine, game development
game launcher, gaming platform
gaming, games, game
gcp, google cloud
gis, geographic information, geospatial, mapping
git client, git gui, git frontend
git hosting, git server, git service, forge
gpu monitor, gpu usage
graph database, graph dbms
graphics tablet, wacom
gui, graphical, graphical user interface, frontend
helpdesk, ticket system, issue tracker, bug tracker
hex editor, binary editor, hexadecimal
home automation, smart home
http load, load generator, load testing
http server, web server, webserver
hypervisor, virtual machine monitor, virtualization, virtualizer
ide, integrated development environment, development environment
identity provider, single sign-on, sso, identity management
image editor, photo editor, image manipulation, raster graphics, bitmap editor
image viewer, photo viewer, picture viewer
infrastructure as code, provisioning infrastructure
intrusion detection, ids, intrusion prevention
invoice, invoicing, billing
iot, internet of things, mqtt
javascript runtime, js runtime
json processor, process json, json query
kanban, project management, task board
key value, key-value, kv
keyboard remapper, remap keyboard, key remapping, keyboard remapping
language server, lsp
launcher, application menu
learn typing, typing tutor, touch typing
linter, lint, checker, static analysis, static analyzer
live streaming, streaming, broadcast
llm, large language model, language model
load balancer, proxy server, load balancing
lock screen, screen locker, locker
log viewer, log analyzer, log analysis, log file
log aggregation, log management, logs
mail filter, spam filter, anti-spam
map viewer, maps, openstreetmap
markdown viewer, markdown renderer, render markdown
math, mathematics, mathematical
matrix client, matrix chat
matrix server, matrix homeserver, homeserver
media center, media centre, home theater
media player, video player, movie player
media server, streaming server, dlna, upnp
meeting, video conferencing, conference
memory debugger, memory leak, memory profiler, memory debugging
microcontroller, arduino, avr
midi, sequencer
mind map, mindmap, mind mapping
modeling, modeler, modelling
monitoring, metrics, observability
music notation, score, sheet music
music player, audio player
music production, digital audio workstation, sequencer
music streaming, music server
network analyzer, packet analyzer, protocol analyzer, sniffer
network manager, network management, network connection
network scanner, port scanner, network discovery
network storage, nas
notes, note-taking, note taking, note
notification daemon, notification server, desktop notifications
object storage, s3
ocr, optical character recognition, text recognition
office, office suite, productivity suite
package manager, package management
packet sniffer, packet capture, network traffic, packet analyzer
panel, status bar, taskbar, bar
password cracker, password recovery, crack
password manager, password store, passwords
pcb, printed circuit board, electronic design
pdf editor, manipulate pdf, pdf manipulation
penetration testing, pentest, pentesting, exploitation
photo, picture, image
photo gallery, photo management, photo library
photo manager, photo organizer, photo management
pim, personal information
presentation, slides, slide show
privacy, anonymous, anonymity
process viewer, process monitor, task manager, process manager
profiler, profiling, performance analysis
project management, task management
prompt, shell prompt
proxy, tunnel
qr code, qrcode
raw photo, raw image, raw converter
reader, viewer
regex, regexp, regular expression
remote desktop, vnc, rdp
reverse proxy, http proxy, load balancer
revision control, version control, vcs, scm
scheduler, cron, job scheduler
scientific computing, numerical, numerical computing
screen capture, screenshot, screenshots, grab images
screen mirroring, mirror screen, display and control
screen reader, accessibility
screen recorder, screen recording, video recording, record screen, screencast
secrets manager, secret management, secrets
security scanner, vulnerability scanner, vulnerability
self-hosted, self hosted, selfhosted
shell script, shell scripts, bash
software defined radio, sdr
speech recognition, speech to text, speech-to-text, transcription, voice recognition
speech synthesis, text to speech, text-to-speech, speech synthesizer, tts
spell checker, spell checking, spelling
sql, relational database, relational
static site, static website, static site generator
stopwatch, timer, countdown
svg editor, vector graphics, vector drawing
synthesizer, synth
system cleaner, cleaner, free disk
system information, system info, fetch
system monitor, process viewer, resource monitor
task manager, todo, to-do, task list
tasks, todo, to-do
terminal emulator, terminal application
terminal multiplexer, terminal sessions
test, testing, unit testing
test framework, testing framework, unit test
tiling window manager, tiling wm, dynamic window manager, tiling compositor
time series, timeseries, time-series, tsdb
time tracking, time tracker, timesheet
tool, utility, program
tracing, tracer, trace
translate, translation, translator
tui, terminal ui, terminal, ncurses, curses
two factor, 2fa, totp, two-factor authentication, one-time passwords
typesetting, document preparation, typeset
unit converter, units conversion, convert units
video, movie
video converter, transcoder, video transcoder, converting video
video downloader, download videos, youtube
video editor, video editing, non-linear editor
virtual keyboard, on-screen keyboard
virtual machine, vm, hypervisor, virtualization
virtual machine manager, manage virtual machines
voice chat, voip, voice communication
volume control, mixer, audio mixer
vpn, virtual private network, wireguard
wallpaper, desktop background
web framework, web application framework
web scraping, scraper, crawler
website, site
wiki, knowledge base
wifi, wireless, wi-fi
window manager, compositor
windows compatibility, windows programs, windows applications
word processor, office suite, document editor
`;
