/** The desktop, the shell and the machine: other words for the same thing, see index.ts. */
export const system = `
app launcher, application launcher, program launcher, launcher
archive manager, archiver, unarchiver
backup, snapshot, deduplicating
battery, power management, power consumption, laptop
benchmark, benchmarking, load testing
bootable usb, usb image, flash usb, image writer, write images
bootloader, boot loader, boot manager
brightness control, backlight, screen brightness, brightness
cheat sheet, cheatsheet, cheatsheets, command examples, man pages
checksum, digest, hashing, hash
cli, command-line, terminal, console
clipboard manager, clipboard history, clipboard
clipboard, selection
command runner, task runner, run commands
compression, compressor, compress
computers, machines, hosts, devices
config, configuration, settings
configuration management, provisioning, automation
cpu frequency, frequency scaling, cpu governor
daemon, server, service
desktop clock, widget, desktop widgets
desktop environment, desktop shell, desktop
desktop search, file search
directory listing, ls, list files
disk cloning, disk imaging, clone disks, partition image
disk health, s.m.a.r.t, hard drive health
disk partitioning, partition editor, partitioning
disk usage, disk space, storage usage
display configuration, monitor configuration, screen layout, output configuration
display manager, login manager, greeter
dock, application dock
dotfiles, dotfile manager
emoji picker, emoji selector
fan control, fan speed, fan
fast, speed, performance
file deduplication, duplicate files, duplicate file finder
file recovery, data recovery, undelete
file renamer, bulk rename, batch rename
file system, filesystem
find files, file search, locate files, file finder
gui, graphical, graphical user interface, frontend
hotkey daemon, keyboard shortcuts, keybindings, hotkeys, shortcut
hpc, workload manager, batch system, cluster resource
hypervisor, virtual machine monitor, virtualization, virtualizer
input method, ime, input methods
iphone, ios, ipad
launcher, application menu
lock screen, screen locker, locker
log viewer, log analyzer, log analysis, log file
man pages, manual pages, manpages
memory usage, ram usage
night light, blue light, color temperature, redshift
notification daemon, notification server, desktop notifications
panel, status bar, taskbar, bar
power saving, power management, battery life
printing, printer, cups
process viewer, process monitor, task manager, process manager
prompt, shell prompt
sandbox, sandboxing, isolation
scheduler, cron, job scheduler
screen annotation, draw on screen
screen capture, screenshot, screenshots, grab images
screen mirroring, mirror screen, display and control
screen recorder, screen recording, video recording, record screen, screencast
sensors, temperature, hardware monitoring
service manager, process supervisor, init system, service supervision
shell script, shell scripts, bash
shell, command interpreter, unix shell
system cleaner, cleaner, free disk
terminal multiplexer, terminal sessions
text processing, stream editor, text manipulation
tiling window manager, tiling wm, dynamic window manager, tiling compositor
tool, utility, program
tui, terminal ui, terminal, ncurses, curses
virtual keyboard, on-screen keyboard
virtual machine manager, manage virtual machines
virtual machine, vm, hypervisor, virtualization
volume control, mixer, audio mixer
window manager, compositor
window switcher, application switcher, alt-tab
windows compatibility, windows programs, windows applications
wm, window manager
workflow engine, workflow, data pipeline
x11, xorg, x window system, x server
`;
