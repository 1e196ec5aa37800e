/** Networks, services and security: other words for the same thing, see index.ts. */
export const network = `
ad blocker, ad blocking, ad-blocking, block ads
alerting, alerts, alert
antivirus, virus scanner, malware
api client, http client, rest client
auth, authentication
authenticator, totp, otp, two-factor
aws, amazon web services
bandwidth monitor, network monitor, traffic monitor, network traffic
bandwidth, network usage, network utilization, throughput
bittorrent, torrent
blog, static site, publishing
bluetooth manager, bluetooth
bookmark manager, bookmarks, read later
browser, web browser
certificate authority, pki, tls certificates
chat, messaging, messenger, instant messaging
cloud cli, cloud management
cloud storage, cloud drive, file hosting
cms, content management system, content management
compositor, compositing, compositing manager
container orchestration, kubernetes, orchestrator
crypto, cryptography, encryption
cryptocurrency, bitcoin, ethereum
disk encryption, encrypted filesystem, encrypt
distributed filesystem, distributed file system, distributed storage, cluster file system
dns lookup, dns client, dns query, dns utility, dns queries
dns resolver, recursive resolver, dns cache, caching resolver
dns server, name server, nameserver
download manager, downloader, file retrieval
e2e encryption, end-to-end encrypted
e2ee, end-to-end encrypted, end-to-end encryption
email client, mail client, mail user agent, mail reader
email, mail, e-mail
encrypt files, file encryption, encrypting files, encryption tool
event streaming, message broker, message queue, messaging system
expose local, tunnel, tunneling
fediverse, activitypub, mastodon
file browser, file manager
file sharing, file transfer, share files
file sync, synchronization, synchronize files, synchronizer
file synchronization, sync files, file sync, synchronize files
firewall, packet filter, iptables, nftables
forensics, forensic
forum, discussion platform, community platform
gcp, google cloud
gpg, openpgp, pgp, gnupg
gpgpu, opencl, cuda, gpu computing
gpu monitor, gpu usage
helpdesk, ticket system, issue tracker, bug tracker
home automation, smart home
http load, load generator, load testing
http server, web server, webserver
identity provider, single sign-on, sso, identity management
intrusion detection, ids, intrusion prevention
iot, internet of things, mqtt
irc client, irc
let's encrypt, acme, tls certificates
live streaming, streaming, broadcast
load balancer, proxy server, load balancing
log aggregation, log management, logs
log shipper, log collector, syslog, log collection
mail filter, spam filter, anti-spam
mail server, smtp server, mail transfer agent, mta
mailing list, newsletter, list manager
matrix client, matrix chat
matrix server, matrix homeserver, homeserver
meeting, video conferencing, conference
mesh vpn, overlay network, mesh network
monitoring, metrics, observability
mouse sharing, share mouse, software kvm
mqtt broker, message broker, mqtt server
network analyzer, packet analyzer, protocol analyzer, sniffer
network manager, network management, network connection
network scanner, port scanner, network discovery
network storage, nas
object storage, s3
p2p, peer-to-peer, peer to peer
packet sniffer, packet capture, network traffic, packet analyzer
privacy, anonymous, anonymity
proxy, tunnel
remote desktop, vnc, rdp
reverse proxy, http proxy, load balancer
screen sharing, desktop sharing
secrets manager, secret management, secrets
security audit, auditing, hardening, security scanner
security key, yubikey, fido, hardware token
security scanner, vulnerability scanner, vulnerability
self-hosted, self hosted, selfhosted
sftp, ftp client, ftp
smb, samba, cifs, windows shares
socks, shadowsocks, circumvent censorship, censorship circumvention
softphone, sip, telephony
ssh client, secure shell, remote shell
static site, static website, static site generator
sync, synchronize, synchronization, synchronizing, synchronise, synchronizer
system monitor, process viewer, resource monitor
tor, onion, anonymity
two factor, 2fa, totp, two-factor authentication, one-time passwords
uptime, status page, availability monitoring
usenet, newsreader, nntp
voice chat, voip, voice communication
vpn, virtual private network, wireguard
wallet, bitcoin wallet, cryptocurrency wallet
web scraping, scraper, crawler
website copier, mirror websites, web archive, archiving websites
website, site
wifi, wireless, wi-fi
xmpp, jabber
`;
