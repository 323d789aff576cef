/**
 * @file The script of an explanation's page. It is written into the page as the text of this function, so it uses
 * nothing from outside of itself, and has methods in place of functions with names: builds that keep names wrap these
 * in a helper of their own.
 */
import type { Played } from './page.ts'

export function play(all: readonly Played[]): void {
  const [SIDE, PER_ROW, MOST] = [9, 32, 1024]
  const page = {
    /** A board of cells, 32 in a row. */
    board(count: number, title: string): { figure: HTMLElement; cells: SVGRectElement[] } {
      const shown = Math.min(count, MOST)
      const figure = document.createElement('figure')
      const rows = Math.ceil(shown / PER_ROW)
      const more = shown < count ? `, the first ${shown} of ${count}` : ''
      figure.innerHTML = `<figcaption></figcaption><div class="board" tabindex="0" role="group"><svg role="img" width="${PER_ROW * SIDE + 1}" height="${rows * SIDE + 1}"></svg></div>`
      ;(figure.firstElementChild as HTMLElement).textContent = title + more
      figure.lastElementChild?.setAttribute('aria-label', title)
      const svg = figure.querySelector('svg') as SVGSVGElement
      svg.setAttribute('aria-label', `${title}${more}, ${PER_ROW} in a row`)
      const cells = Array.from({ length: shown }, (_, i) => {
        const rect = document.createElementNS('http://www.w3.org/2000/svg', 'rect')
        const at = { x: (i % PER_ROW) * SIDE, y: Math.floor(i / PER_ROW) * SIDE, width: SIDE - 1, height: SIDE - 1 }
        for (const [name, value] of Object.entries(at)) rect.setAttribute(name, String(value))
        svg.append(rect)
        return rect
      })
      return { figure, cells }
    },

    start(root: HTMLElement, { threads, buffers, steps, links }: Played): void {
      const boards = root.querySelector('.boards') as HTMLElement
      const [output, slider] = [root.querySelector('output'), root.querySelector('input')] as [
        HTMLElement,
        HTMLInputElement,
      ]
      const button = root.querySelector('.play') as HTMLButtonElement
      const grid = this.board(threads, 'threads')
      const memory = new Map(buffers.map(({ name, cells }) => [name, this.board(cells, `${name}, by words`)]))
      boards.append(grid.figure, ...[...memory.values()].map(({ figure }) => figure))
      const code = root.parentElement as HTMLElement
      let [at, timer] = [0, 0]
      const player = {
        /** The step that is shown, and what the ones before it touched. */
        show(to: number): void {
          at = Math.min(Math.max(to, 0), steps.length)
          slider.value = String(at)
          for (const cell of [grid, ...memory.values()].flatMap(({ cells }) => cells)) cell.removeAttribute('class')
          for (const one of steps.slice(0, at)) player.mark(one, 'past')
          for (const line of code.querySelectorAll('.now')) line.classList.remove('now')
          const step = steps[at - 1]
          output.textContent = step
            ? `${at} of ${steps.length}: ${step.text}`
            : `${steps.length} steps. Each is what all threads do at once, if they went together.`
          slider.setAttribute('aria-valuetext', output.textContent)
          if (!step) return
          player.mark(step, step.does)
          for (const [thread] of step.touches) grid.cells[thread]?.setAttribute('class', 'on')
          const lines = [...code.querySelectorAll('.code.wgsl > div'), ...code.querySelectorAll('.code.twin > div')]
          const wgsl = code.querySelectorAll('.code.wgsl > div').length
          const own = links.filter(({ wgsl, does }) => does === `${step.does}s` && wgsl.includes(step.line))
          for (const i of [step.line, ...own.flatMap(({ twin }) => twin.map((line) => wgsl + line))])
            lines[i]?.classList.add('now')
          // Only the listing is scrolled, not the page.
          const line = lines[step.line] as HTMLElement | undefined
          const list = line?.parentElement
          if (line && list) list.scrollTop = line.offsetTop - list.offsetTop - list.clientHeight / 2
        },

        mark({ buffer, bytes, touches }: Played['steps'][number], kind: string): void {
          const cells = memory.get(buffer)?.cells ?? []
          for (const [, byte] of touches)
            for (let word = Math.floor(byte / 4); word * 4 < byte + bytes; word++)
              cells[word]?.setAttribute('class', kind)
        },

        run(on: boolean): void {
          clearInterval(timer)
          timer = 0
          if (on && at === steps.length) player.show(0)
          if (on)
            timer = window.setInterval(() => {
              player.show(at + 1)
              if (at === steps.length) player.run(false)
            }, 700)
          // Read aloud step by step, not while it plays.
          output.setAttribute('aria-live', on ? 'off' : 'polite')
          button.textContent = on ? '❚❚ pause' : '▶ play'
        },
      }
      root.addEventListener('click', ({ target }) => {
        const pressed = (target as Element).closest('button')
        if (!pressed) return
        if (pressed === button) return player.run(timer === 0)
        player.run(false)
        player.show(at + (pressed.className === 'back' ? -1 : 1))
      })
      slider.addEventListener('input', () => {
        player.run(false)
        player.show(Number(slider.value))
      })
      player.show(0)
    },
  }

  document.querySelectorAll<HTMLElement>('.player').forEach((root) => {
    page.start(root, all[Number(root.dataset.index)])
  })
  // A line shows those that do the same.
  document.addEventListener('click', ({ target }) => {
    const line = (target as Element).closest<HTMLElement>('[data-links]')
    const own = line?.closest('.dispatch')
    if (!line || !own) return
    const names = line.dataset.links?.split(' ') ?? []
    for (const other of own.querySelectorAll<HTMLElement>('.column .code > div')) {
      const same = other.dataset.links?.split(' ').some((name) => names.includes(name)) ?? false
      other.classList.toggle('same', same)
    }
  })
}
