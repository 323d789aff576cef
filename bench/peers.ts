/** @file The peer that runs next to ours in every CPU suite: TensorFlow.js on its plain JavaScript backend. */
import { createRequire } from 'node:module'
import '@tensorflow/tfjs-backend-cpu'
import tf from '@tensorflow/tfjs-core'

// The package's main file leaves gradients out. They are ES modules with imports of folders, which only require()
// accepts; they register themselves in a global table.
createRequire(import.meta.url)('@tensorflow/tfjs-core/dist/register_all_gradients.js')

// Without it, tfjs advises at length to install its native backend, and checks results for NaN.
tf.enableProdMode()
await tf.setBackend('cpu')

export { tf }
export const tfjs = `tfjs-cpu ${tf.version_core}`
