/**
 * @file The script of a recording's page. It is written into the page as the text of this function, so it uses nothing
 * from outside of itself, and has methods in place of functions with names: builds that keep names wrap these in a
 * helper of their own. What it shows is text that page.ts has made.
 */
import type { Played } from './page.ts'

export function play({ frames, edges }: Played): void {
  const [slider, graph, panel, count, button] = ['at', 'graph', 'panel', 'count', 'play'].map(
    (id) => document.getElementById(id) as HTMLInputElement,
  )
  const svg = graph.firstElementChild as SVGSVGElement
  // The drawing has its arrows first, in the order of the edges, then the boxes in the order of the nodes.
  const [arrows, ...boxes] = [...svg.children].filter((child) => child.tagName === 'g')
  const { width, height } = svg.viewBox.baseVal
  svg.style.width = `${width}px`
  svg.style.height = `${height}px`
  const valueTexts = boxes.map((box) => [...box.querySelectorAll('text:not([style])')])
  const values = valueTexts.map((texts) => texts.map((text) => text.textContent))
  const maps = boxes.map((box) => box.querySelector('g.value'))
  const drawn = maps.map((map) => map?.innerHTML ?? '')
  const corners = maps.map((map) => ['x', 'y'].map((name) => map?.firstElementChild?.getAttribute(name)).join(' '))
  let timer = 0
  let at = 0

  const player = {
    element(tag: string, text: string, kind = ''): void {
      const made = document.createElement(tag)
      made.textContent = text
      made.className = kind
      panel.append(made)
    },

    /** What these boxes cover on the screen. */
    around(ids: readonly number[]): { left: number; top: number; right: number; bottom: number } {
      const rects = ids.map((id) => boxes[id].getBoundingClientRect())
      const [left, top, right, bottom] = (['left', 'top', 'right', 'bottom'] as const).map((side, i) =>
        Math[i < 2 ? 'min' : 'max'](...rects.map((rect) => rect[side])),
      )
      return { left, top, right, bottom }
    },

    /** Bring a box in sight with those that it takes from or gives to, if they fit, without moving the page. */
    reveal(node: number, others: readonly number[]): void {
      const outer = graph.getBoundingClientRect()
      const all = this.around([node, ...others])
      const fits = all.right - all.left < outer.width && all.bottom - all.top < outer.height
      const { left, top, right, bottom } = fits ? all : this.around([node])
      if (left < outer.left || right > outer.right) graph.scrollLeft += (left + right - outer.left - outer.right) / 2
      if (top < outer.top || bottom > outer.bottom) graph.scrollTop += (top + bottom - outer.top - outer.bottom) / 2
    },

    /** The boxes and arrows as they are after the first moments. */
    draw(past: Played['frames']): void {
      const frame = past.at(-1)
      const [computed, graded] = ['forward', 'backward'].map(
        (one) => new Set(past.filter(({ phase }) => phase === one).map(({ node }) => node)),
      )
      const given = new Set(frames.filter(({ phase }) => phase === 'forward').map(({ node }) => node))
      boxes.forEach((box, node) => {
        box.classList.toggle('later', given.has(node) && !computed.has(node))
        box.classList.toggle('ungraded', !graded.has(node))
        box.classList.toggle('now', frame?.node === node)
        box.classList.toggle('given', frame?.to.includes(node) === true)
        const changed = past.findLast((one) => one.node === node && one.value)
        valueTexts[node].forEach((text, i) => {
          text.textContent = changed?.value ? (changed.value[i] ?? '') : values[node][i]
        })
        const map = maps[node]
        const moved = `<g transform="translate(${corners[node]})">${changed?.map}</g>`
        if (map) map.innerHTML = changed?.map ? moved : drawn[node]
      })
      edges.forEach(([from, to], i) => {
        const on = frame?.node === to && (frame.phase === 'forward' || frame.to.includes(from))
        arrows.children[i].setAttribute('class', on ? `flow ${frame.phase}` : '')
      })
    },

    show(moment: number): void {
      at = Math.min(Math.max(moment, 0), frames.length)
      const frame = at > 0 ? frames[at - 1] : null
      this.draw(frames.slice(0, at))
      count.textContent = `${frame?.phase ?? 'start'}, ${at} of ${frames.length}`
      slider.value = String(at)
      slider.setAttribute('aria-valuetext', frame ? `${count.textContent}: ${frame.formula}` : count.textContent)
      panel.replaceChildren()
      panel.className = frame?.phase ?? ''
      this.element('h2', frame?.title ?? 'Before the step')
      this.element('p', frame?.formula ?? 'Nothing has been computed.', 'formula')
      for (const { head, lines, kind } of frame?.parts ?? []) {
        this.element('h3', head)
        this.element('pre', lines.join('\n'), kind)
      }
      const inputs = edges.flatMap(([from, to]) => (frame?.phase === 'forward' && frame.node === to ? [from] : []))
      if (frame) this.reveal(frame.node, [...inputs, ...frame.to])
      else graph.scrollTo(0, 0)
    },

    run(on: boolean): void {
      clearInterval(timer)
      timer = 0
      if (on && at === frames.length) this.show(0)
      if (on)
        timer = window.setInterval(() => {
          this.show(at + 1)
          if (at === frames.length) this.run(false)
        }, 900)
      // Read aloud step by step, not while it plays.
      panel.setAttribute('aria-live', on ? 'off' : 'polite')
      button.textContent = on ? '❚❚ pause' : '▶ play'
      button.setAttribute('aria-label', on ? 'pause' : 'play')
    },

    goTo(moment: number): void {
      this.run(false)
      this.show(moment)
    },

    /** True if the key means something. */
    press(key: string): boolean {
      if (key === 'ArrowRight' || key === 'ArrowUp') this.goTo(at + 1)
      else if (key === 'ArrowLeft' || key === 'ArrowDown') this.goTo(at - 1)
      else if (key === 'Home') this.goTo(0)
      else if (key === 'End') this.goTo(frames.length)
      else if (key === ' ') this.run(timer === 0)
      else return false
      return true
    },
  }

  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    // A button that has the focus is pressed by space.
    if (event.key === ' ' && (event.target as Element).tagName === 'BUTTON') return
    if (player.press(event.key)) event.preventDefault()
  })
  document.addEventListener('click', ({ target }) => {
    const { id } = (target as Element).closest('button') ?? { id: '' }
    if (id === 'back') player.goTo(at - 1)
    if (id === 'next') player.goTo(at + 1)
    if (id === 'play') player.run(timer === 0)
    const node = boxes.findIndex((box) => box.contains(target as Node))
    const own = frames.flatMap((frame, i) => (frame.node === node ? [i + 1] : []))
    // The next moment of the box, after its last one the first again.
    if (own.length > 0) player.goTo(own.find((moment) => moment > at) ?? own[0])
  })
  slider.addEventListener('input', () => player.goTo(Number(slider.value)))
  player.show(0)
}
