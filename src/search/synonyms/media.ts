/** Sound, pictures, drawing and games: other words for the same thing, see index.ts. */
export const media = `
audio editor, sound editor, wave editor, audio editing
audio plugin, lv2, vst, ladspa, audio plugins
audio, sound
cad, computer-aided design, computer aided design
camera, webcam, photography
cd ripper, rip audio cds, cd ripping
chess, chess engine
city builder, city-building, city simulation
cnc, g-code, gcode, milling
color picker, colour picker, pick colors
color, colour
container image, docker image, oci image
daw, digital audio workstation, audio workstation
disc burning, dvd burning, burn discs, cd burning
disk images, mount images, iso
drawing, painting, sketching
drum machine, drum sampler
emulator, emulation
equalizer, audio effects
first person shooter, fps, first-person shooter
game engine, game development
game launcher, gaming platform
gameboy, game boy
gaming, games, game
guitar amp, guitar effects, guitar amplifier
ham radio, amateur radio, radio amateurs
image builder, build images, building images
image converter, convert images, image conversion
image editor, photo editor, image manipulation, raster graphics, bitmap editor
image registry, container registry, docker registry, oci registry
image viewer, photo viewer, picture viewer
internet radio, radio player, radio stations
media center, media centre, home theater
media player, video player, movie player
media server, streaming server, dlna, upnp
midi, sequencer
modeling, modeler, modelling
music library, music collection, music organizer
music notation, score, sheet music
music player, audio player
music production, digital audio workstation, sequencer
music streaming, music server
n64, nintendo 64
nes, nintendo entertainment system
ocr, optical character recognition, text recognition
optimize images, image optimizer, compress images, image compression
panorama, panorama stitcher, stitching
patchbay, audio routing, jack connections
photo gallery, photo management, photo library
photo manager, photo organizer, photo management
photo, picture, image
photogrammetry, structure from motion
playstation, psx, ps1
podcast, podcatcher, podcasts
point cloud, mesh processing, 3d mesh
racing game, racing, kart
raster, bitmap
raw photo, raw image, raw converter
ray tracer, raytracer, renderer, path tracer, rendering
real-time strategy, rts, strategy game
roguelike, dungeon crawler
sega, mega drive, genesis
snes, super nintendo, super nes
software defined radio, sdr
solitaire, patience, card games
sound server, audio server, pulseaudio
speech recognition, speech to text, speech-to-text, transcription, voice recognition
speech synthesis, text to speech, text-to-speech, speech synthesizer, tts
subtitle, subtitles, captions
svg editor, vector graphics, vector drawing
synthesizer, synth
tag editor, audio tagger, id3 tag, music tagger, audio tags
terminal emulator, terminal application
text adventure, interactive fiction
tracing, tracer, trace
turn-based strategy, turn based, strategy game
tv, iptv, television, dvr
video converter, transcoder, video transcoder, converting video
video downloader, download videos, youtube
video editor, video editing, non-linear editor
video, movie
wallpaper setter, background setter, set wallpaper
wallpaper, desktop background
web crawler, spider, crawler
webcam, video4linux, camera
`;
