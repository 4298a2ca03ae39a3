// The line to the controller: events while it is open, questions every few seconds where it cannot be.

const POLL_MS = 5000
const AGAIN_MS = 30000

export async function ask(path, signal) {
  const answer = await fetch(path, { signal, headers: { Accept: 'application/json' } })
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`)
  return answer.json()
}

// heard: { overview(data), objects(data), opened(), line('live' | 'polling' | 'lost') }
export function listen(heard) {
  let poll = null

  function stopPolling() {
    clearInterval(poll)
    poll = null
  }

  async function look() {
    try {
      heard.overview(await ask('/api/overview'))
      heard.objects({ more: true, rows: [] })
      heard.line('polling')
    } catch {
      heard.line('lost')
    }
  }

  function open() {
    const source = new EventSource('/api/events')
    source.addEventListener('open', () => {
      stopPolling()
      heard.line('live')
      heard.opened()
    })
    source.addEventListener('overview', (event) => heard.overview(JSON.parse(event.data)))
    source.addEventListener('objects', (event) => heard.objects(JSON.parse(event.data)))
    source.addEventListener('error', () => {
      if (source.readyState !== EventSource.CLOSED) {
        heard.line('lost')
        return
      }
      // refused: as many pages are open as are kept current
      if (!poll) poll = setInterval(look, POLL_MS)
      look()
      setTimeout(open, AGAIN_MS)
    })
  }

  open()
}
