/**
 * @file What a page does by script: says what a point is when it is pointed at or has the focus; arrow keys go from
 * point to point, so that a chart is one stop of the tab key; opens folded parts on paper. Without script points stay
 * links with all of it as their name.
 */

export const script = `(() => {
  const tip = document.createElement('div')
  tip.id = 'tip'
  tip.hidden = true
  tip.setAttribute('aria-hidden', 'true')
  document.body.append(tip)
  const show = (point) => {
    const [name, ...rest] = point.getAttribute('aria-label').split('; ')
    const line = (tag, text) => Object.assign(document.createElement(tag), { textContent: text })
    tip.replaceChildren(line('b', name), ...rest.map((text) => line('span', text)))
    tip.hidden = false
    const { left, right, top, bottom } = point.firstElementChild.getBoundingClientRect()
    const { offsetWidth: width, offsetHeight: height } = tip
    const x = Math.max(8, Math.min((left + right - width) / 2, document.documentElement.clientWidth - width - 8))
    const y = top - height - 8 > 0 ? top - height - 8 : bottom + 8
    tip.style.left = x + scrollX + 'px'
    tip.style.top = y + scrollY + 'px'
  }
  const hide = () => { tip.hidden = true }
  for (const plot of document.querySelectorAll('svg.plot')) {
    const points = [...plot.querySelectorAll('a')]
    const place = (point) => { const { x, y } = point.firstElementChild.getBoundingClientRect(); return x + y / 1e4 }
    const shown = () => points.filter((point) => point.getClientRects().length > 0).sort((a, b) => place(a) - place(b))
    points.forEach((point, i) => {
      point.setAttribute('tabindex', i === 0 ? '0' : '-1')
      point.addEventListener('pointerenter', () => show(point))
      point.addEventListener('pointerleave', hide)
      point.addEventListener('focus', () => {
        for (const other of points) other.setAttribute('tabindex', other === point ? '0' : '-1')
        show(point)
      })
      point.addEventListener('blur', hide)
    })
    plot.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key]
      const order = shown()
      const at = order.indexOf(document.activeElement)
      if (step === undefined || at < 0) return
      event.preventDefault()
      order[Math.max(0, Math.min(order.length - 1, at + step))].focus()
    })
    plot.closest('figure').addEventListener('change', () => {
      const first = shown()[0]
      for (const point of points) point.setAttribute('tabindex', point === first ? '0' : '-1')
    })
  }
  document.addEventListener('keydown', (event) => { if (event.key === 'Escape') hide() })
  addEventListener('beforeprint', () => { for (const part of document.querySelectorAll('details')) part.open = true })
  addEventListener('hashchange', () => { const row = document.querySelector(location.hash); row?.closest('details')?.setAttribute('open', '') })
})()`
