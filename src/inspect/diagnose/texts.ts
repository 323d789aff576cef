/** @file What findings say and advise, in English and in Chinese. */
import { describe, fail } from '../../core/errors.ts'
import type { Finding, FindingCode } from './finding.ts'

/** A language that findings speak. */
export type Language = 'en' | 'zh'

type Numbers = Readonly<Record<string, number | string>>
/** Numbers of three digits at most. */
type Shown = Readonly<Record<string, string>>
type Text = readonly [sentence: (where: string, n: Shown) => string, remedy: string]

const en: Readonly<Record<FindingCode, Text>> = {
  labelOffByOne: [
    (_, n) => `labels go from ${n.least} to ${n.greatest}, and the model has ${n.classes} classes, 0 to ${n.last}`,
    'count classes from 0: labels.sub(1)',
  ],
  labelOutOfRange: [
    (_, n) => `a label is ${n.value} (batch ${n.batch}), and the model has ${n.classes} classes, 0 to ${n.last}`,
    'look at how labels are read, or give the last layer as many outputs as there are classes',
  ],
  inputsUnscaled: [
    (where, n) => `${where} has a root mean square of ${n.rms}, its elements go from ${n.least} to ${n.greatest}`,
    'scale inputs to about mean 0 and standard deviation 1, each feature by itself',
  ],
  leak: [
    (_, n) => `${n.rows} of ${n.of} rows of the validation data are in the training data too`,
    'split before rows are copied or augmented, and take out what is there twice',
  ],
  batchesNotShuffled: [
    (_, n) => `in each of ${n.batches} batches all labels are equal (${n.labels})`,
    'shuffle: new DataLoader(data, { shuffle: true })',
  ],
  neverOptimized: [
    (where, n) => `the optimizer does not have ${n.count} of the model's parameters: ${where}`,
    'make the optimizer after the model, with model.parameters(), or freeze what is not to be trained',
  ],
  neverUsed: [
    (where, n) => `no gradient reaches ${n.count} parameters: the loss does not depend on ${where}`,
    'use the layer in forward, look for detach() and noGrad on the way, or take it out',
  ],
  zeroGradForgotten: [
    (where, n) =>
      `gradients add up from step to step: that of ${where}, up to ${n.before}, was there when the next, up to ${n.next}, came`,
    'call optimizer.zeroGrad() in every step',
  ],
  lossClipped: [
    (where, n) => `the loss is ${n.loss} and has no gradient: ${where} lets none pass`,
    'leave out what cuts it: clamp, round, argmax, detach',
  ],
  softmaxTwice: [
    (where, n) => `the loss takes ${n.second} of what ${where} made by ${n.first} already`,
    'give the loss logits: leave the last activation out of the model',
  ],
  batchPairs: [
    (where, n) => `${where} in the loss pairs each of ${n.batch} predictions with each target: ${n.shape}`,
    'give predictions and targets one shape: prediction.squeeze(1), or target.reshape([-1, 1])',
  ],
  batchCounted: [
    (_, n) => `a batch twice as long has ${n.ratio} times the loss`,
    "take the mean over the batch, once: reduction 'mean', and no further division or product with its length",
  ],
  dropoutInEvaluation: [
    (where, n) => `in evaluation the same input gives other outputs (by ${n.change}): ${where} is random`,
    'call model.eval() before; in forward give functional.dropout { training: this.training }',
  ],
  batchStatisticsInEvaluation: [
    (where, n) => `in evaluation an output depends on the rest of its batch (by ${n.change}): ${where}`,
    'call model.eval() before; normalise by running statistics',
  ],
  explodingActivations: [
    (where, n) => `activations grow from ${n.from} to ${n.rms} at ${where}`,
    'initialise for the activation (He for ReLU, Xavier for tanh), or normalise between layers',
  ],
  vanishingActivations: [
    (where, n) => `what differs between samples falls from ${n.from} to ${n.spread} at ${where}`,
    'initialise for the activation (He for ReLU, Xavier for tanh), or normalise between layers',
  ],
  deadReLU: [
    (where, n) => `${n.dead} of ${n.units} units of the ReLU ${where} are 0 for every sample`,
    'a smaller learning rate, biases from 0, He initialisation, or LeakyReLU',
  ],
  saturated: [
    (where, n) => `${n.share} of the outputs of ${n.op} ${where} are at its ends, where the slope is 0`,
    'smaller weights (Xavier), scaled inputs, a normalisation before it, or ReLU',
  ],
  learningRateTooLarge: [
    (_, n) => `at learning rate ${n.rate} the loss goes from ${n.before} to ${n.after}, at ${n.better} to ${n.then}`,
    'take the smaller one, or find one with train.lrRange',
  ],
  learningRateTooSmall: [
    (_, n) => `at learning rate ${n.rate} the loss goes from ${n.before} to ${n.after}, at ${n.better} to ${n.then}`,
    'take the larger one, or find one with train.lrRange',
  ],
  explodingGradients: [
    (where, n) => `gradients grow on the way back, from ${n.from} to ${n.norm} at ${where}`,
    'clip: { norm: 1 }, a smaller initialisation, or normalise between layers',
  ],
  vanishingGradients: [
    (where, n) => `gradients shrink on the way back, from ${n.from} to ${n.norm} at ${where}`,
    'initialise for the activation, add residual connections or a normalisation, or take ReLU for tanh',
  ],
  zeroGradient: [
    (where, n) => `the gradient of ${n.count} parameters is 0 for every sample: ${where}`,
    'look at the layers after it: what is 0 there?',
  ],
  updateTooLarge: [
    (where, n) => `a step changes ${where} by ${n.ratio} of its length; 0.001 is usual, 0.1 a lot`,
    'a smaller learning rate for it',
  ],
  updateTooSmall: [
    (where, n) => `a step changes ${where} by ${n.ratio} of its length; 0.001 is usual, 0.0001 little`,
    'a larger learning rate for it',
  ],
  notFinite: [
    (where, n) =>
      `${where} gives ${n.value}${n.at ? ` at ${n.at}` : ''}${n.from ? `, from ${n.from}` : ''}${n.source ? ` (${n.source})` : ''}`,
    'keep its input inside its domain: add ε below a root, a logarithm, a division; or a smaller learning rate',
  ],
}

const zh: Readonly<Record<FindingCode, Text>> = {
  labelOffByOne: [
    (_, n) => `标签从 ${n.least} 到 ${n.greatest}，而模型有 ${n.classes} 个类别，编号为 0 到 ${n.last}`,
    '类别从 0 开始编号：labels.sub(1)',
  ],
  labelOutOfRange: [
    (_, n) => `第 ${n.batch} 批中有标签 ${n.value}，而模型有 ${n.classes} 个类别，编号为 0 到 ${n.last}`,
    '检查标签的读取方式，或让最后一层的输出数等于类别数',
  ],
  inputsUnscaled: [
    (where, n) => `${where} 的均方根为 ${n.rms}，元素从 ${n.least} 到 ${n.greatest}`,
    '对每个特征分别标准化，使均值约为 0、标准差约为 1',
  ],
  leak: [
    (_, n) => `验证数据的 ${n.of} 行中有 ${n.rows} 行也出现在训练数据里`,
    '先划分数据，再复制或增强；去掉重复的行',
  ],
  batchesNotShuffled: [
    (_, n) => `${n.batches} 个批次中，每一批的标签全都相同（${n.labels}）`,
    '打乱顺序：new DataLoader(data, { shuffle: true })',
  ],
  neverOptimized: [
    (where, n) => `模型有 ${n.count} 个参数没有交给优化器：${where}`,
    '先建模型，再用 model.parameters() 建优化器；不训练的参数请冻结',
  ],
  neverUsed: [
    (where, n) => `有 ${n.count} 个参数得不到梯度：损失与 ${where} 无关`,
    '在 forward 中使用该层，检查途中的 detach() 与 noGrad，或删掉它',
  ],
  zeroGradForgotten: [
    (where, n) =>
      `梯度逐步累加：${where} 上一步的梯度（最大 ${n.before}）还在，下一步的梯度（最大 ${n.next}）就加了上去`,
    '每一步都调用 optimizer.zeroGrad()',
  ],
  lossClipped: [
    (where, n) => `损失为 ${n.loss}，却没有梯度：${where} 不让梯度通过`,
    '去掉截断梯度的运算：clamp、round、argmax、detach',
  ],
  softmaxTwice: [
    (where, n) => `${where} 已做过 ${n.first}，损失又做了一次 ${n.second}`,
    '把 logits 交给损失：去掉模型最后的激活函数',
  ],
  batchPairs: [
    (where, n) => `损失中的 ${where} 把 ${n.batch} 个预测与每个目标两两配对：${n.shape}`,
    '让预测与目标形状一致：prediction.squeeze(1) 或 target.reshape([-1, 1])',
  ],
  batchCounted: [
    (_, n) => `批次加长一倍，损失变为 ${n.ratio} 倍`,
    "只对批次取一次平均：reduction 用 'mean'，不再除以或乘以批次大小",
  ],
  dropoutInEvaluation: [
    (where, n) => `评估时同一输入得到不同的输出（相差 ${n.change}）：${where} 仍是随机的`,
    '评估前调用 model.eval()；在 forward 中给 functional.dropout 传 { training: this.training }',
  ],
  batchStatisticsInEvaluation: [
    (where, n) => `评估时输出取决于同批的其他样本（相差 ${n.change}）：${where}`,
    '评估前调用 model.eval()；用滑动统计量做归一化',
  ],
  explodingActivations: [
    (where, n) => `激活值从 ${n.from} 增大，到 ${where} 处为 ${n.rms}`,
    '按激活函数初始化（ReLU 用 He，tanh 用 Xavier），或在层间加归一化',
  ],
  vanishingActivations: [
    (where, n) => `样本间的差异从 ${n.from} 减小，到 ${where} 处为 ${n.spread}`,
    '按激活函数初始化（ReLU 用 He，tanh 用 Xavier），或在层间加归一化',
  ],
  deadReLU: [
    (where, n) => `ReLU（${where}）的 ${n.units} 个单元中有 ${n.dead} 个对所有样本都输出 0`,
    '减小学习率，偏置从 0 开始，用 He 初始化，或改用 LeakyReLU',
  ],
  saturated: [
    (where, n) => `${n.op}（${where}）有 ${n.share} 的输出处于两端，那里的斜率为 0`,
    '减小权重（Xavier），缩放输入，在它之前加归一化，或改用 ReLU',
  ],
  learningRateTooLarge: [
    (_, n) => `学习率为 ${n.rate} 时，损失从 ${n.before} 变到 ${n.after}；为 ${n.better} 时变到 ${n.then}`,
    '用较小的学习率，或用 train.lrRange 寻找',
  ],
  learningRateTooSmall: [
    (_, n) => `学习率为 ${n.rate} 时，损失从 ${n.before} 变到 ${n.after}；为 ${n.better} 时变到 ${n.then}`,
    '用较大的学习率，或用 train.lrRange 寻找',
  ],
  explodingGradients: [
    (where, n) => `梯度在反向传播中从 ${n.from} 增大，到 ${where} 处为 ${n.norm}`,
    '裁剪梯度 clip: { norm: 1 }，减小初始权重，或在层间加归一化',
  ],
  vanishingGradients: [
    (where, n) => `梯度在反向传播中从 ${n.from} 减小，到 ${where} 处为 ${n.norm}`,
    '按激活函数初始化，加残差连接或归一化，或把 tanh 换成 ReLU',
  ],
  zeroGradient: [
    (where, n) => `有 ${n.count} 个参数的梯度对所有样本都为 0：${where}`,
    '检查它之后的各层：哪里变成了 0？',
  ],
  updateTooLarge: [
    (where, n) => `一步使 ${where} 改变其长度的 ${n.ratio}；通常为 0.001，0.1 已经过大`,
    '减小它的学习率',
  ],
  updateTooSmall: [
    (where, n) => `一步使 ${where} 改变其长度的 ${n.ratio}；通常为 0.001，0.0001 已经过小`,
    '增大它的学习率',
  ],
  notFinite: [
    (where, n) =>
      `${where} 得到 ${n.value}${n.at ? `，位置 ${n.at}` : ''}${n.from ? `，来自 ${n.from}` : ''}${n.source ? `（${n.source}）` : ''}`,
    '让输入留在定义域内：在根号、对数、除数上加 ε；或减小学习率',
  ],
}

const tables = { en, zh }
const nothing = { en: 'nothing was found', zh: '没有发现问题' }

/** Numbers as people read them. */
const shownNumbers = (numbers: Numbers): Shown =>
  Object.fromEntries(
    Object.entries(numbers).map(([name, v]) => [
      name,
      typeof v === 'string'
        ? v
        : Number.isInteger(v) && Math.abs(v) < 1e6
          ? String(v)
          : String(Number(v.toPrecision(3))),
    ]),
  )

function checked(language: Language): Language {
  if (!Object.hasOwn(tables, language)) fail('Diagnosis', `the language is ${describe(language)}`, "give 'en' or 'zh'")
  return language
}

/** What a finding says; null: that there is none. */
export function sentenceOf(finding: Finding | null, language: Language): string {
  if (!finding) return nothing[checked(language)]
  const [sentence] = tables[checked(language)][finding.code]
  return sentence(finding.where, shownNumbers(finding.numbers))
}

/** What to do about it. */
export const remedyOf = ({ code }: Finding, language: Language): string => tables[checked(language)][code][1]
