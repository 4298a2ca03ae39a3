// The page with a script: what is told is shown, and what is asked for is found.
import { Explorer } from './explorer.js'
import { ask, listen } from './live.js'
import { showAges, showOverview } from './overview.js'

const RULES_MS = 5000 // rules are asked for again at most so often
const AGES_MS = 5000
const THEMES = ['auto', 'light', 'dark']

const state = { now: null, rules: [], asked: 0 }
const explorer = new Explorer(document.getElementById('explorer'))
const go = (tab, filters) => explorer.go(tab, filters)

function setTheme(theme) {
  const button = document.getElementById('theme')
  if (theme === 'auto') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
  button.textContent = `Theme: ${theme}`
  button.hidden = false
  button.onclick = () => {
    const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length]
    try { localStorage.setItem('theme', next) } catch { /* it is forgotten then */ }
    setTheme(next)
  }
}

function savedTheme() {
  try {
    const saved = localStorage.getItem('theme')
    return THEMES.includes(saved) ? saved : 'auto'
  } catch {
    return 'auto'
  }
}

function show() {
  if (state.now) showOverview(state.now, state.rules, go)
}

async function askRules() {
  if (Date.now() - state.asked < RULES_MS) return
  state.asked = Date.now()
  try {
    state.rules = (await ask('/api/rules')).rules
    explorer.takeRules(state.rules)
    show()
  } catch { /* the line tells of it */ }
}

const LINES = { live: ['live', 'kept current'], polling: ['polling', 'asks every few seconds: many pages are open'], lost: ['not connected', 'the controller does not answer; tried again by itself'] }

listen({
  overview(now) {
    state.now = now
    explorer.takeOverview(now)
    show()
    askRules()
  },
  objects: (changes) => explorer.takeObjects(changes),
  opened: () => explorer.again(),
  line(name) {
    const node = document.getElementById('live')
    if (node.className === `live ${name}`) return
    node.className = `live ${name}`
    node.textContent = LINES[name][0]
    node.title = LINES[name][1]
  },
})

setTheme(savedTheme())
document.getElementById('problems').hidden = true // the list has them
setInterval(() => { if (state.now) showAges(state.now) }, AGES_MS)
document.documentElement.classList.add('scripted')
