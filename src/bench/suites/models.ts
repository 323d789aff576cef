/** @file The models whose training steps are measured, as functions of their parameters. */
import type { Device } from '../../core/device.ts'
import type { Tensor } from '../../core/tensor.ts'
import * as F from '../../index.ts'
import type { Scale } from '../case.ts'
import { indices, uniform } from '../numbers.ts'
import { at } from './common.ts'

export interface Model {
  readonly name: string
  /** Operations of a step's products; additions, functions and the update are not counted. */
  readonly flop: number
  /** Shapes of parameters. Their numbers lie within ±1/√n, n the product of all axes but the first. */
  readonly parameters: readonly (readonly number[])[]
  /** Inputs and targets. */
  data(device: Device, seed: number): Tensor[]
  loss(data: readonly Tensor[], parameters: readonly Tensor[]): Tensor
}

const CLASSES = 10

/** A layer's weight and bias. */
const layer = (outputs: number, ...inputs: readonly number[]): number[][] => [[outputs, ...inputs], [outputs]]

/** 784–256–10. The way back needs two products for each on the way there, but for the first layer one. */
function mlp(batch: number): Model {
  const [inputs, hidden] = [784, 256]
  return {
    name: `MLP 784–256–10, batch ${batch}`,
    flop: 2 * batch * (2 * inputs * hidden + 3 * hidden * CLASSES),
    parameters: [...layer(hidden, inputs), ...layer(CLASSES, hidden)],
    data: (device, seed) => [uniform([batch, inputs], seed, device), indices(CLASSES, [batch], seed, device)],
    loss: ([x, t], [w1, b1, w2, b2]) => F.crossEntropy(F.linear(F.linear(x, w1, b1).relu(), w2, b2), t),
  }
}

/** Two convolutions of 3×3 with pooling on images of 28×28, and a layer. */
function cnn(batch: number, narrow: number, wide: number): Model {
  const [side, features] = [28, wide * 7 * 7]
  const half = (x: Tensor): Tensor => F.maxPool2d(x.relu(), 2)
  const convolution = 2 * batch * 9 * side ** 2
  return {
    name: `CNN 1–${narrow}–${wide}–10 on 28×28, batch ${batch}`,
    flop: convolution * (2 * narrow + (3 * narrow * wide) / 4) + 3 * 2 * batch * features * CLASSES,
    parameters: [...layer(narrow, 1, 3, 3), ...layer(wide, narrow, 3, 3), ...layer(CLASSES, features)],
    data: (device, seed) => [uniform([batch, 1, side, side], seed, device), indices(CLASSES, [batch], seed, device)],
    loss: ([x, t], [w1, b1, w2, b2, w3, b3]) => {
      const y = half(F.conv2d(half(F.conv2d(x, w1, b1, { padding: 1 })), w2, b2, { padding: 1 }))
      return F.crossEntropy(F.linear(y.reshape([batch, features]), w3, b3), t)
    },
  }
}

/** One layer over sequences, whose last output is classified. */
function recurrent(steps: number, batch: number, features: number, hidden: number): Model {
  return {
    name: `LSTM ${features}–${hidden}–10, ${steps} steps, batch ${batch}`,
    flop: 2 * batch * (steps * 4 * hidden * (2 * features + 3 * hidden) + 3 * hidden * CLASSES),
    parameters: [[4 * hidden, features], [4 * hidden, hidden], [4 * hidden], [4 * hidden], ...layer(CLASSES, hidden)],
    data: (device, seed) => [uniform([steps, batch, features], seed, device), indices(CLASSES, [batch], seed, device)],
    loss: ([x, t], [ih, hh, bi, bh, w, b]) => {
      const { output } = F.lstm(x, null, [ih, hh, bi, bh])
      return F.crossEntropy(F.linear(output.select(0, steps - 1), w, b), t)
    },
  }
}

interface GptSizes {
  readonly batch: number
  readonly tokens: number
  readonly channels: number
  readonly heads: number
  readonly layers: number
}

const VOCABULARY = 65
/** Parameters of a block. */
const IN_BLOCK = 12

/** Token and position embeddings, blocks of causal attention and two layers, a norm and a head. */
function gpt({ batch: B, tokens: T, channels: C, heads, layers }: GptSizes): Model {
  const norm = [[C], [C]]
  const block = [...norm, ...layer(3 * C, C), ...layer(C, C), ...norm, ...layer(4 * C, C), ...layer(C, 4 * C)]
  const split = (x: Tensor): Tensor => x.view(B, T, heads, C / heads).transpose(1, 2)
  const through = (
    x: Tensor,
    [g1, b1, qkv, bqkv, out, bout, g2, b2, wide, bwide, narrow, bnarrow]: Tensor[],
  ): Tensor => {
    const [q, k, v] = F.linear(F.layerNorm(x, C, g1, b1), qkv, bqkv).split(C, 2)
    const mixed = F.scaledDotProductAttention(split(q), split(k), split(v), { isCausal: true })
    const y = x.add(F.linear(mixed.transpose(1, 2).reshape([B, T, C]), out, bout))
    return y.add(F.linear(F.gelu(F.linear(F.layerNorm(y, C, g2, b2), wide, bwide)), narrow, bnarrow))
  }
  return {
    name: `GPT of ${layers} layers, ${C} channels, ${B}×${T} tokens`,
    // Weights: one product there and two back. Attention, half of it masked: two products there and five back.
    flop: 3 * 2 * B * T * (12 * C ** 2 * layers + C * VOCABULARY) + 3.5 * 2 * B * T ** 2 * C * layers,
    parameters: [
      [VOCABULARY, C],
      [T, C],
      ...Array.from({ length: layers }, () => block).flat(),
      ...norm,
      ...layer(VOCABULARY, C),
    ],
    data: (device, seed) => [
      indices(VOCABULARY, [B, T], 2 * seed, device),
      indices(VOCABULARY, [B * T], 2 * seed + 1, device),
    ],
    loss: ([index, t], [table, positions, ...rest]) => {
      let x = F.embedding(table, index).add(positions)
      for (let i = 0; i < layers; i++) x = through(x, rest.slice(IN_BLOCK * i, IN_BLOCK * (i + 1)))
      const [g, b, w, bias] = rest.slice(IN_BLOCK * layers)
      return F.crossEntropy(F.linear(F.layerNorm(x, C, g, b), w, bias).reshape([B * T, VOCABULARY]), t)
    },
  }
}

/** The classifier is the same on all devices, to be compared; the others are as large as a device is. */
export const modelsAt = (scale: Scale): Model[] =>
  at(
    scale,
    () => [
      mlp(4),
      cnn(2, 4, 8),
      recurrent(4, 2, 8, 16),
      gpt({ batch: 1, tokens: 8, channels: 16, heads: 2, layers: 1 }),
    ],
    () => [
      mlp(64),
      cnn(16, 8, 16),
      recurrent(16, 16, 32, 64),
      gpt({ batch: 2, tokens: 32, channels: 64, heads: 4, layers: 2 }),
    ],
    () => [
      mlp(64),
      cnn(256, 32, 64),
      recurrent(64, 64, 128, 256),
      gpt({ batch: 16, tokens: 256, channels: 256, heads: 8, layers: 4 }),
    ],
  )()
