/**
 * @file The script of a recording's page. It is written into the page as text, so it uses nothing from outside of
 * itself, and what it shows is text that page.ts has made.
 */
import type { Shown } from './page.ts'

export function play({
  frames,
  edges,
}: {
  frames: readonly Shown[]
  edges: readonly (readonly [number, number])[]
}): void {
  const byId = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T
  const [slider, graph, panel] = [byId<HTMLInputElement>('at'), byId('graph'), byId('panel')]
  const svg = graph.firstElementChild as SVGSVGElement
  // The drawing has its arrows first, in the order of the edges, then the boxes in the order of the nodes.
  const [arrows, ...boxes] = [...svg.children].filter((child) => child.tagName === 'g')
  const { width, height } = svg.viewBox.baseVal
  svg.style.width = `${width}px`
  svg.style.height = `${height}px`
  const valueTexts = boxes.map((box) => [...box.querySelectorAll('text:not([style])')])
  const values = valueTexts.map((texts) => texts.map((text) => text.textContent))
  const computed = frames.filter(({ phase }) => phase === 'forward').map(({ node }) => node)
  let timer = 0
  let at = 0

  const element = (tag: string, text: string, inside: Element, kind = ''): void => {
    const made = document.createElement(tag)
    made.textContent = text
    made.className = kind
    inside.append(made)
  }

  /** Bring a box in sight with those that it takes from or gives to, if they fit, without moving the page. */
  const reveal = (node: number, others: readonly number[]): void => {
    const outer = graph.getBoundingClientRect()
    const around = (ids: readonly number[]) => {
      const rects = ids.map((id) => boxes[id].getBoundingClientRect())
      const [left, top] = [Math.min(...rects.map((r) => r.left)), Math.min(...rects.map((r) => r.top))]
      const [right, bottom] = [Math.max(...rects.map((r) => r.right)), Math.max(...rects.map((r) => r.bottom))]
      return { left, top, right, bottom, fits: right - left < outer.width && bottom - top < outer.height }
    }
    const all = around([node, ...others])
    const seen = all.fits ? all : around([node])
    if (seen.left < outer.left || seen.right > outer.right)
      graph.scrollLeft += (seen.left + seen.right - outer.left - outer.right) / 2
    if (seen.top < outer.top || seen.bottom > outer.bottom)
      graph.scrollTop += (seen.top + seen.bottom - outer.top - outer.bottom) / 2
  }

  const show = (moment: number): void => {
    at = Math.min(Math.max(moment, 0), frames.length)
    const past = frames.slice(0, at)
    const frame = at > 0 ? frames[at - 1] : null
    const done = new Set(past.filter(({ phase }) => phase === 'forward').map(({ node }) => node))
    const graded = new Set(past.filter(({ phase }) => phase === 'backward').map(({ node }) => node))
    boxes.forEach((box, node) => {
      box.classList.toggle('later', computed.includes(node) && !done.has(node))
      box.classList.toggle('ungraded', !graded.has(node))
      box.classList.toggle('now', frame?.node === node)
      box.classList.toggle('given', frame?.to.includes(node) === true)
      valueTexts[node].forEach((text, i) => (text.textContent = values[node][i]))
    })
    for (const { node, value } of past) {
      const old = values[node]
      // `value 3`: the word stands before what changed.
      if (value && old.length > 0)
        valueTexts[node].forEach(
          (text, i) => (text.textContent = i === 0 ? `value ${value[0] ?? ''}` : (value[i] ?? '')),
        )
    }
    edges.forEach(([from, to], i) => {
      const forward = frame?.phase === 'forward' && frame.node === to
      const backward = frame?.phase === 'backward' && frame.node === to && frame.to.includes(from)
      arrows.children[i].setAttribute('class', forward ? 'flow' : backward ? 'flow back' : '')
    })
    const place = frame ? `${frame.phase}, ${at} of ${frames.length}` : `start, 0 of ${frames.length}`
    byId('count').textContent = place
    slider.value = String(at)
    slider.setAttribute('aria-valuetext', frame ? `${place}: ${frame.formula}` : place)
    panel.replaceChildren()
    panel.className = frame?.phase ?? ''
    element('h2', frame ? frame.title : 'Before the step', panel)
    element(
      'p',
      frame ? frame.formula : 'Parameters and data have values; nothing has been computed.',
      panel,
      'formula',
    )
    for (const { head, lines, kind } of frame?.parts ?? []) {
      element('h3', head, panel)
      element('pre', lines.join('\n'), panel, kind)
    }
    const inputs = edges.flatMap(([from, to]) => (frame?.phase === 'forward' && frame.node === to ? [from] : []))
    if (frame) reveal(frame.node, [...inputs, ...frame.to])
    else graph.scrollTo(0, 0)
  }

  const run = (on: boolean): void => {
    clearInterval(timer)
    timer = 0
    if (on && at === frames.length) show(0)
    if (on)
      timer = window.setInterval(() => {
        show(at + 1)
        if (at === frames.length) run(false)
      }, 900)
    // Read aloud step by step, not while it plays.
    panel.setAttribute('aria-live', on ? 'off' : 'polite')
    byId('play').textContent = on ? '❚❚ pause' : '▶ play'
    byId('play').setAttribute('aria-label', on ? 'pause' : 'play')
  }
  const goTo = (moment: number): void => {
    run(false)
    show(moment)
  }

  const keys: Record<string, () => void> = {
    ArrowRight: () => goTo(at + 1),
    ArrowUp: () => goTo(at + 1),
    ArrowLeft: () => goTo(at - 1),
    ArrowDown: () => goTo(at - 1),
    Home: () => goTo(0),
    End: () => goTo(frames.length),
    ' ': () => run(timer === 0),
  }
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return
    // A button that has the focus is pressed by space.
    if (event.key === ' ' && event.target instanceof HTMLButtonElement) return
    event.preventDefault()
    keys[event.key]()
  })
  slider.oninput = () => goTo(Number(slider.value))
  byId('back').onclick = () => goTo(at - 1)
  byId('next').onclick = () => goTo(at + 1)
  byId('play').onclick = () => run(timer === 0)
  boxes.forEach((box, node) => {
    box.addEventListener('click', () => {
      const own = frames.flatMap((frame, i) => (frame.node === node ? [i + 1] : []))
      // The next moment of the box, after its last one the first again.
      if (own.length > 0) goTo(own.find((moment) => moment > at) ?? own[0])
    })
  })
  show(0)
}
