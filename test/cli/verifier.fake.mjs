/** @file A verifying process with the manners of a broken driver: what a unit's name says happens at it. */
const units = process.env.FAKE_UNITS.split(',').map((op) => ({ setup: 'plain', op }))
const place = { device: 'webgpu:fake', adapter: {}, software: true, features: [], limits: {}, versions: {} }

function end(code) {
  process.exitCode = code
  // Node 20 falls over where the channel is closed within a message.
  setImmediate(() => process.disconnect())
}

process.once('message', ({ from }) => {
  // From `away` on there is no adapter.
  if (units[0].op === 'refuse' || units[from].op === 'away') {
    process.send({ refused: { op: 'webgpu', text: 'no adapter found (install a driver)' } })
    return process.disconnect()
  }
  if (units[0].op === 'stillborn') return end(9)
  process.send({ place, units })
  for (const { setup, op } of units.slice(from)) {
    if (op === 'crash') {
      console.error('the driver fell over')
      return end(7)
    }
    if (op === 'kill') process.kill(process.pid, 'SIGKILL')
    if (op === 'hang') return setInterval(() => {}, 1000)
    const worst = Number.POSITIVE_INFINITY // survives the way between processes
    process.send({ verdict: { setup, op, outcome: 'passed', checks: 1, worst, variants: {}, faults: [], seconds: 0 } })
  }
  process.disconnect()
})
