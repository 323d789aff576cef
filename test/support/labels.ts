/** @file What a function launches, by the names of its ops. */
import { type Device, tap } from '../../src/index.ts'

/** What f gives, and the labels of the launches that it makes on a device. */
export function launchesOf<T>(device: Device, f: () => T): [T, string[]] {
  const labels: string[] = []
  const end = tap(device, {
    run: (next, launch) => {
      labels.push(launch.label)
      next(launch)
    },
  })
  try {
    return [f(), labels]
  } finally {
    end()
  }
}
