/**
 * @file A classifier of digits is trained, saved, loaded into a new model, and served over HTTP: JSON in, probabilities
 * out, with limits of size and time, errors that say what to mend, and a stop that lets running requests end.
 *
 *   npx tsx examples/deploy/serve.ts [--data FOLDER] [--device webgpu] [--port 8080]
 *
 * It asks itself, right and wrong; with a port it then serves until Ctrl-C. The server is server.ts.
 *
 *   curl -d @runs/request.json http://127.0.0.1:8080/predict
 */
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { io, type nn } from 'handgrad'
import { dataOption } from '../data.ts'
import { program } from '../run.ts'
import { serve } from './server.ts'
import { perceptron, trained } from './trained.ts'

type Answer = { digit?: number; probabilities?: number[]; error?: string }

export const main = program(
  import.meta.url,
  'A classifier saved, loaded, and served over HTTP.',
  {
    steps: [100, 'of training'],
    port: [0, 'to serve on until Ctrl-C; 0: ends by itself'],
    data: dataOption,
  },
  async ({ device, steps, port, data: folder, out, progress, show, save }) => {
    const { model, test, accuracyOf } = await trained(device, folder, steps, (step) => progress(step, steps))
    const [first, pixels] = [test.labels[0], [...test.images.subarray(0, 784)]]
    const body = JSON.stringify({ pixels })
    console.log(`a request is in ${save('request.json', body)}`)
    const file = join(out, 'digits.safetensors')
    await io.saveSafetensors(file, model.stateDict(), { metadata: { input: '784 pixels, u/255' } })
    const copy = perceptron(device) // as another process would
    copy.loadStateDict(await io.loadSafetensors(file, { device }))
    const bits = async (m: nn.Module) => JSON.stringify(await Promise.all(m.parameters().map((p) => p.array())))
    const exact = (await bits(copy)) === (await bits(model))
    const accuracy = await accuracyOf(copy)
    console.log(`${(100 * accuracy).toFixed(1)} % right; loaded weights are the saved ones, bit for bit: ${exact}\n`)

    const { url, stop } = await serve(copy, device, { port })
    const ask = async (path: string, text?: string) => {
      const response = await fetch(url + path, { method: text === undefined ? 'GET' : 'POST', body: text })
      return { status: response.status, ...((await response.json()) as Answer) }
    }
    const answers = []
    const short = '{"pixels": [0, 0, 255]}'
    const bodies = [body, '{"pixels": [0, 0', short, body.replace('0', '300'), body.padEnd(20_000)]
    for (const text of bodies) answers.push(await ask('/predict', text))
    answers.push(await ask('/predict'), await ask('/digits', body))
    for (const { status, digit, error } of answers)
      console.log(`${status}  ${error ?? `a ${first} is taken for a ${digit}`}`)

    if (port > 0) {
      console.log(`POST /predict on ${url}; Ctrl-C ends it`)
      await once(process, 'SIGINT')
    }
    // A request that is half sent when the server is told to stop has its answer; the next one finds nobody.
    const half = request(`${url}/predict`, { method: 'POST' })
    half.write(body.slice(0, 1000))
    await wait(100)
    const stopped = stop()
    half.end(body.slice(1000))
    const [late] = (await once(half, 'response')) as [IncomingMessage]
    late.resume()
    await stopped
    const after = await ask('/predict', body).catch(() => 'refused')
    console.log(`\nstopped: the request that ran got ${late.statusCode}, the next one is ${after}`)
    const [{ probabilities = [] }] = answers
    save('answer.json', JSON.stringify({ probabilities }))
    const lines = [{ name: 'p', y: probabilities, dots: true }]
    const svg = show({
      title: `A ${first}, as the server sees it`,
      xLabel: 'digit',
      yLabel: 'probability',
      log: 'y',
      lines,
    })
    return { accuracy, exact, answers, first, late: late.statusCode, after, svg }
  },
)
