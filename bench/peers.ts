/** @file The peer that runs beside ours in every CPU suite: TensorFlow.js on its plain JavaScript backend. */
import '@tensorflow/tfjs-backend-cpu'
import tf from '@tensorflow/tfjs-core'

// Without it, tfjs advises at length to install its native backend, and checks results for NaN.
tf.enableProdMode()
await tf.setBackend('cpu')

export { tf }
export const tfjs = `tfjs-cpu ${tf.version_core}`
