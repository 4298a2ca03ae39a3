// Elements, icons and words. Texts become text nodes, never markup: the page's policy forbids the rest.

const SVG = 'http://www.w3.org/2000/svg'

export const STATES = ['held', 'refused', 'withheld', 'incomplete', 'unread', 'settling', 'pending', 'drifted', 'programmed', 'read', 'unused']

export const WORDS = {
  held: 'its deletes wait for an approval',
  refused: 'the gateway refuses it, or has one that is not ours',
  withheld: 'a plugin that guards it is not in place',
  incomplete: 'a part of it could not be made or sent',
  unread: 'its kind cannot be read; it stays as it was',
  settling: 'it waits for something that it names',
  pending: 'it is on its way to the gateway',
  drifted: 'somebody has changed it in the gateway',
  programmed: 'the gateway has it as it is wanted',
  read: 'rules look at it; nothing is named after it in the gateway',
  unused: 'no rule made anything of it',
}

const SHAPES = {
  programmed: ['circle', { cx: 6, cy: 6, r: 4.5, class: 'fill' }],
  pending: ['path', { d: 'M6 1.500a4.5 4.5 0 0 1 0 9z', class: 'fill' }, 'circle', { cx: 6, cy: 6, r: 4.5, class: 'line' }],
  settling: ['circle', { cx: 6, cy: 6, r: 4.5, class: 'line dashed' }],
  drifted: ['path', { d: 'M6 1 11 6 6 11 1 6z', class: 'fill' }],
  withheld: ['rect', { x: 1.5, y: 1.5, width: 9, height: 9, rx: 2, class: 'line' }, 'path', { d: 'M3.5 6h5', class: 'line' }],
  incomplete: ['path', { d: 'M6 1.2 11 10.500H1z', class: 'fill' }],
  refused: ['path', { d: 'M2 2l8 8M10 2l-8 8', class: 'line bold' }],
  held: ['path', { d: 'M3.5 1.500v9M8.5 1.500v9', class: 'line bold' }],
  unread: ['circle', { cx: 6, cy: 6, r: 4.5, class: 'line' }, 'path', { d: 'M3 9l6-6', class: 'line' }],
  read: ['circle', { cx: 6, cy: 6, r: 3, class: 'line' }],
  unused: ['path', { d: 'M2 6h8', class: 'line' }],
}

export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value)
  node.append(...children)
  return node
}

// el('p', { class: 'note', onclick: … }, 'text', node, null)
export function el(tag, attributes, ...children) {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value)
    else node.setAttribute(name, value === true ? '' : value)
  }
  node.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== false))
  return node
}

export function icon(state) {
  const shapes = SHAPES[state] ?? SHAPES.unused
  const node = svg('svg', { class: `icon s-${state}`, viewBox: '0 0 12 12', width: 12, height: 12, 'aria-hidden': 'true' })
  for (let i = 0; i < shapes.length; i += 2) node.append(svg(shapes[i], shapes[i + 1]))
  return node
}

export const badge = (state) => el('span', { class: `badge s-${state}`, title: WORDS[state] }, icon(state), state)

// A bar whose parts are the states; what it shows stands beside it in numbers.
export function bar(states, total) {
  const node = svg('svg', { class: 'bar', viewBox: '0 0 100 6', preserveAspectRatio: 'none', 'aria-hidden': 'true' })
  let at = 0
  for (const state of [...STATES].reverse()) {
    const width = ((states[state] ?? 0) / Math.max(total, 1)) * 100
    if (width > 0) node.append(svg('rect', { x: at, y: 0, width, height: 6, class: `fill s-${state}` }))
    at += width
  }
  return node
}

// `words` between backticks are code.
export const rich = (text) => text.split('`').map((part, index) => (index % 2 === 1 ? el('code', {}, part) : part))

export const number = (value) => Number(value ?? 0).toLocaleString('en')
export const count = (value, one, many = `${one}s`) => `${number(value)} ${value === 1 ? one : many}`

export function duration(ms) {
  if (ms < 1) return '< 1 ms'
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60000) return `${(ms / 1000).toFixed(ms < 10000 ? 1 : 0)} s`
  return `${Math.floor(ms / 60000)} min ${Math.round((ms % 60000) / 1000)} s`
}

export function ago(seconds) {
  const passed = Math.max(0, Date.now() / 1000 - seconds)
  if (passed < 5) return 'just now'
  if (passed < 60) return `${Math.floor(passed)} s ago`
  if (passed < 3600) return `${Math.floor(passed / 60)} min ago`
  if (passed < 86400) return `${Math.floor(passed / 3600)} h ago`
  return `${Math.floor(passed / 86400)} d ago`
}

export const total = (states) => Object.values(states).reduce((sum, value) => sum + value, 0)
export const shortKind = (id) => id.slice(id.lastIndexOf('/') + 1)
// A rule file of one's own without the folder that all of them are in.
export const fileName = (file, folder) => (folder && file.startsWith(`${folder}/`) ? file.slice(folder.length + 1) : file)
export const isOwn = (file) => ['extends', 'replaces', 'adjusts'].includes(file.verb)
export const place = (object) => (object.namespace ? `${object.namespace}/${object.name}` : object.name)

export function copyButton(text) {
  const button = el('button', { type: 'button', class: 'quiet' }, 'Copy')
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(text)
      button.textContent = 'Copied'
    } catch {
      button.textContent = 'Select it and copy'
    }
    setTimeout(() => { button.textContent = 'Copy' }, 2000)
  })
  return button
}
