/** Science, documents and personal matters: other words for the same thing, see index.ts. */
export const scienceAndOffice = `
accounting, bookkeeping, finance
alarm clock, alarm, clock
arbitrary precision, multiple precision, bignum, big number
astronomy, planetarium, telescope
bibliography, reference manager, citation
bioinformatics, genomics, genome, dna
calculator, calculation, calculate
calendar, agenda, caldav
chemistry, chemical, molecular
circuit simulator, spice, circuit simulation
comic reader, manga reader, comics, manga
computer algebra, symbolic mathematics, computer algebra system
computer vision, image processing
contacts, address book, carddav
crm, customer relationship, erp
csv, tabular, comma-separated
data analysis, statistics, data science, dataframe
data science notebook, notebook, computational notebook
data visualization, plotting, chart
deep learning, machine learning, neural network
diagram editor, diagramming, diagrams, flowchart
dictionary, thesaurus, lexicon
document converter, convert documents, markup converter
document database, nosql, document-oriented
document scanner, scanner, sane
document viewer, pdf viewer, pdf reader
documentation generator, api documentation, generate documentation
e-commerce, online store, shop
ebook library, ebook management, book collection, library management
ebook, e-book, epub
electronics, circuit, schematic
epub reader, ebook reader, e-book viewer, ebook viewer
feed reader, rss reader, news reader, feed aggregator
finite element, fem, finite element analysis
flashcards, spaced repetition
fluid dynamics, cfd, computational fluid
font editor, font design
genealogy, family tree, family history
gis, geographic information, geospatial, mapping
grammar checker, grammar, proofreading, style checker
hdl, verilog, vhdl, hardware description
imap, mail sync, mailbox synchronizer, mailbox
invoice, invoicing, billing
kanban, project management, task board
keyboard remapper, remap keyboard, key remapping, keyboard remapping
latex, tex, typesetting
learn typing, typing tutor, touch typing
learning management, e-learning, lms
linear algebra, matrix algebra, blas
linear programming, mathematical optimization, optimization solver
localization, i18n, internationalization, l10n
logic analyzer, signal analysis, oscilloscope
map viewer, maps, openstreetmap
markdown viewer, markdown renderer, render markdown
math, mathematics, mathematical
mind map, mindmap, mind mapping
molecular dynamics, molecular simulation
molecule viewer, molecular visualization, molecular graphics, molecular viewer, molecular structure
navigation, gps, route, routing
notes, note-taking, note taking, note
office, office suite, productivity suite
outliner, outline
password cracker, password recovery, crack
password generator, generate passwords, passphrase, random passwords
password manager, password store, passwords
pcb, printed circuit board, electronic design
pdf editor, manipulate pdf, pdf manipulation
personal finance, budgeting, money management, finance manager
pim, personal information
plain text accounting, double-entry accounting, ledger, accounting
pomodoro, timer
presentation, slides, slide show
project management, task management
reader, viewer
recipes, recipe, cooking
reminders, reminder, calendar
robotics, robot
sat solver, smt solver, satisfiability, constraint solver
satellite tracking, satellite
scientific computing, numerical, numerical computing
screen reader, accessibility
spell checker, spell checking, spelling
stock market, trading, stocks
stopwatch, timer, countdown
task manager, todo, to-do, task list
tasks, todo, to-do
theorem prover, proof assistant, formal verification
time tracking, time tracker, timesheet
todo list, to-do list, task list, todo, task manager
translate, translation, translator
typesetting, document preparation, typeset
uml, uml diagrams, uml modelling
unit converter, units conversion, convert units
weather, forecast, meteorology, weather forecast
wiki, knowledge base
word processor, office suite, document editor
zettelkasten, second brain, knowledge management, note-taking
`;
