/** @file examples/deploy/server.ts over real sockets: its limits of time, its stop, and that faults stay inside. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { serve } from '../../examples/deploy/server.ts'
import { perceptron } from '../../examples/deploy/trained.ts'
import { device, nn } from '../../src/node.ts'

const body = JSON.stringify({ pixels: new Array(784).fill(0) })
const head = `POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`

/** All that comes until the server ends the connection, of which `late` is sent after a while. */
async function raw(url: string, early: string, late = '', after = 0): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  let text = ''
  socket.on('data', (chunk) => (text += chunk))
  socket.write(early)
  if (late) {
    await wait(after)
    socket.write(late)
  }
  await once(socket, 'close')
  return text
}

test('a request that does not come to its end is ended, others are answered meanwhile', async () => {
  const cpu = await device('cpu')
  const { url, stop } = await serve(perceptron(cpu), cpu, { seconds: 0.5 })
  const slow = raw(url, head + body.slice(0, 100))
  const slowHead = raw(url, head.slice(0, 20))
  const { status } = await fetch(`${url}/predict`, { method: 'POST', body })
  expect(status).toBe(200)
  expect(await slow).toMatch(/^HTTP\/1\.1 408 /)
  expect(await slowHead).toMatch(/^HTTP\/1\.1 408 /)
  await stop()
})

test('at a stop what runs is answered and its connection closed; what does not end is cut off', async () => {
  const cpu = await device('cpu')
  const { url, stop } = await serve(perceptron(cpu), cpu, { seconds: 1 })
  const running = raw(url, head + body.slice(0, 100), body.slice(100), 300)
  const hanging = raw(url, head + body.slice(0, 100))
  await wait(100)
  await stop()
  expect(await running).toMatch(/^HTTP\/1\.1 200 [\s\S]*connection: close[\s\S]*"probabilities":\[/i)
  expect(await hanging).not.toContain(' 200 ')
  await expect(fetch(`${url}/predict`, { method: 'POST', body })).rejects.toThrow()
})

test('bodies and numbers that mean harm are refused, and the server goes on', async () => {
  const cpu = await device('cpu')
  const { url, stop } = await serve(perceptron(cpu), cpu)
  const post = async (text: string) => {
    const response = await fetch(`${url}/predict`, { method: 'POST', body: text })
    return [response.status, ((await response.json()) as { error?: string }).error]
  }
  const pixels = (value: string) => `{"pixels": [${new Array(783).fill('0').join()},${value}]}`
  expect(await post('null')).toEqual([422, 'give {"pixels": [784 numbers from 0 to 255]}'])
  expect(await post('{"pixels": "0"}')).toEqual([422, 'give {"pixels": [784 numbers from 0 to 255]}'])
  for (const [value, shown] of [
    ['-1', '-1'],
    ['null', 'null'],
    ['"7"', '"7"'],
    ['1e999', 'null'],
    ['[]', '[]'],
  ])
    expect(await post(pixels(value))).toEqual([422, `pixel 783 is ${shown}, not a number from 0 to 255`])
  expect((await post(' '.repeat(5_000_000)))[0]).toBe(413)
  expect(await post('')).toEqual([400, 'the body is not JSON'])
  expect((await post(body))[0]).toBe(200)
  await stop()
})

test('a fault of the model is a 500 without its text', async () => {
  const cpu = await device('cpu')
  const { url, stop } = await serve(new nn.Sequential(new nn.Linear(3, 10)), cpu)
  const response = await fetch(`${url}/predict`, { method: 'POST', body })
  expect([response.status, await response.text()]).toEqual([500, '{"error":"failed"}'])
  await stop()
})
