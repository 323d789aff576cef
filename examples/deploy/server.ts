/**
 * @file POST /predict: 784 pixels as JSON in, ten probabilities out. What a client sends is bounded in size and time,
 * and refused with a 4xx that says what to mend.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Device, type nn, noGrad, scope, tensor } from 'handgrad'

/** What a client has to mend: 4xx and why. */
class Refusal extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** The body, or a refusal; what is beyond the limit is read and dropped, so that the client gets to read why. */
const bodyOf = (from: IncomingMessage, most: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    from.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= most) chunks.push(chunk)
      else reject(new Refusal(413, `the body has more than ${most} bytes`))
    })
    from.on('end', () => resolve(Buffer.concat(chunks).toString()))
    from.on('error', reject)
  })

/** 784 numbers from 0 to 255 of `{"pixels": […]}`. */
function pixelsOf(text: string): number[] {
  let body: { pixels?: unknown } | null
  try {
    body = JSON.parse(text)
  } catch {
    throw new Refusal(400, 'the body is not JSON')
  }
  const pixels = body?.pixels
  if (!Array.isArray(pixels)) throw new Refusal(422, 'give {"pixels": [784 numbers from 0 to 255]}')
  if (pixels.length !== 784) throw new Refusal(422, `there are ${pixels.length} pixels, not 784`)
  const wrong = pixels.findIndex((u) => !(typeof u === 'number' && u >= 0 && u <= 255))
  if (wrong >= 0)
    throw new Refusal(422, `pixel ${wrong} is ${JSON.stringify(pixels[wrong])}, not a number from 0 to 255`)
  return pixels
}

/** POST /predict on 127.0.0.1. A request has `bytes` and `seconds`; so has what still runs at a stop. */
export async function serve(model: nn.Sequential, device: Device, { port = 0, bytes = 16_384, seconds = 5 } = {}) {
  let stopping = false
  const predict = async (pixels: number[]): Promise<number[]> => {
    const x = pixels.map((u) => u / 255)
    using p = scope(() => noGrad(() => model.forward(tensor([x], { device })).softmax(1)))
    return [...(await p.data())]
  }
  const answer = async (from: IncomingMessage): Promise<object> => {
    if (from.url !== '/predict') throw new Refusal(404, `there is no ${from.url}; POST /predict`)
    if (from.method !== 'POST') throw new Refusal(405, `${from.method} is not for /predict; POST it`)
    const probabilities = await predict(pixelsOf(await bodyOf(from, bytes)))
    return { digit: probabilities.indexOf(Math.max(...probabilities)), probabilities }
  }
  const times = { requestTimeout: 1000 * seconds, headersTimeout: 1000 * seconds, connectionsCheckingInterval: 200 }
  const server = createServer(times, async (from, to) => {
    const { status, body } = await answer(from).then(
      (found) => ({ status: 200, body: found }),
      (error: unknown) => {
        if (error instanceof Refusal) return { status: error.status, body: { error: error.message } }
        return { status: 500, body: { error: 'failed' } } // a fault of ours: its text stays here
      },
    )
    if (stopping) to.setHeader('connection', 'close')
    to.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await once(server.listen(port, '127.0.0.1'), 'listening')
  const stop = async (): Promise<void> => {
    stopping = true
    const late = setTimeout(() => server.closeAllConnections(), 1000 * seconds)
    await once(server.close(), 'close') // no new connections; waits for those that are answered
    clearTimeout(late)
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop }
}
