/**
 * @file The functions of `metrics`. What they do is in the files that host.ts lists, loaded with the first call: a page
 * that never measures does not pay for them.
 */
type Host = typeof import('./host.ts')

/** A function of host.ts, by its name. */
const load = <K extends keyof Host>(name: K): Host[K] =>
  // A call of the function with its own arguments: the compiler does not follow that of a name in general.
  (async (...args: never[]) => ((await import('./host.ts'))[name] as (...args: never[]) => unknown)(...args)) as Host[K]

/**
 * Of what was predicted as a class, the part that is of it: right / predicted.
 * @param truth      labels [n], or rows [n, labels] of 0 and 1
 * @param predicted  as truth
 * @returns a number; a list, one for each label, for average null
 * @throws HandgradError, by the promise, if sizes differ or are 0, a label is not an integer (0 or 1 in rows) or
 *   outside of `classes`, the average does not fit the labels, or an option is not one
 */
export const precision = load('precision')

/** Of what is of a class, the part that was predicted so: right / support. As {@link precision}. */
export const recall = load('recall')

/** F₁ = 2·right / (support + predicted), the harmonic mean of precision and recall. As {@link precision}. */
export const f1Score = load('f1Score')

/**
 * F_β = (1 + β²)·right / (β²·support + predicted): above β = 1 recall counts more, below it precision. As
 * {@link precision}.
 * @param beta  from 0 up
 */
export const fBeta = load('fBeta')

/**
 * The part of the samples that is right. Of rows of labels all must be; of scores [n, classes] the true class must be
 * among the `topK` highest, where of equal scores the first counts as higher.
 * @param truth      labels [n], or rows [n, labels] of 0 and 1
 * @param predicted  as truth, or scores [n, classes] for labels [n]
 * @param options.topK          default 1
 * @param options.sampleWeight  default, or null: 1
 * @throws HandgradError, by the promise, if sizes differ or are 0, labels are not integers or outside of the scores'
 *   classes, a score is NaN, topK is not an integer from 1 up, or is above 1 without scores
 */
export const accuracy = load('accuracy')

/**
 * m[t][p]: how many samples of class t were predicted as p, or the sum of their weights. Normalised, rows or columns of
 * nothing are 0.
 * @param truth      labels [n]
 * @param predicted  labels [n]
 * @throws HandgradError, by the promise, as {@link precision}
 */
export const confusionMatrix = load('confusionMatrix')

/**
 * The mean recall of the classes that occur: what accuracy is if all classes are as frequent.
 * @param options.adjusted      true: 0 is chance, (b − 1/classes) / (1 − 1/classes). Default: false
 * @param options.sampleWeight  default, or null: 1
 * @throws HandgradError, by the promise, as {@link precision}
 */
export const balancedAccuracy = load('balancedAccuracy')

/**
 * Matthews' correlation of truth and predictions, for any number of classes: (c·s − Σ pₖtₖ) / √((s² − Σ pₖ²)(s² − Σ
 * tₖ²)) with s samples, c right ones, and class k predicted pₖ and true tₖ times. 0 where one of them is constant.
 * @throws HandgradError, by the promise, as {@link precision}
 */
export const matthewsCorrcoef = load('matthewsCorrcoef')

/**
 * Precision, recall, F1 and support of each class, accuracy, and the macro and weighted means; of rows of labels the
 * micro mean and that over samples too. As text it is scikit-learn's `classification_report`, character for character.
 *
 *     console.log(String(await metrics.classificationReport(truth, predicted, { digits: 3 })))
 *
 * @param truth      labels [n], or rows [n, labels] of 0 and 1
 * @param predicted  as truth
 * @throws HandgradError, by the promise, if sizes differ or are 0, a label is not an integer or outside of `classes`,
 *   there are not as many names as classes, or an option is not one
 */
export const classificationReport = load('classificationReport')

/**
 * The ROC curve: for each threshold, what part of the negatives (fpr) and of the positives (tpr) scores as high or
 * higher. The first threshold is ∞. Without negatives fpr is NaN, without positives tpr.
 * @param truth   labels [n]
 * @param scores  [n], higher for the positive class
 * @param options.dropIntermediate  leave out points on a straight line. Default: true
 * @param options.posLabel          default: 1
 * @param options.sampleWeight      default, or null: 1
 * @throws HandgradError, by the promise, if sizes differ or are 0, a score is NaN, labels are not integers, or it is
 *   not said which one is positive
 */
export const rocCurve = load('rocCurve')

/**
 * The precision–recall curve: both at each threshold, from the lowest up, and at the end the point (1, 0), which has no
 * threshold. Where nothing is positive, recall is 1.
 * @param truth   labels [n]
 * @param scores  [n], higher for the positive class
 * @throws HandgradError, by the promise, as {@link rocCurve}
 */
export const precisionRecallCurve = load('precisionRecallCurve')

/**
 * The area under a curve of points by the trapezoidal rule, Σ (xᵢ₊₁ − xᵢ)·(yᵢ + yᵢ₊₁)/2.
 * @param x  [n], n ≥ 2, ascending or descending
 * @param y  [n]
 * @throws HandgradError, by the promise, if there are fewer than two points, sizes differ, or x goes up and down
 */
export const auc = load('auc')

/**
 * AP = Σₙ (Rₙ − Rₙ₋₁)·Pₙ over the thresholds, from the highest down: precision P weighed by the steps of recall R.
 * @param truth   labels [n]; rows [n, labels] of 0 and 1; or labels 0 … classes − 1 for scores of each class
 * @param scores  [n], or [n, labels]
 * @returns a number; a list, one for each column, for average null
 * @throws HandgradError, by the promise, as {@link rocCurve}, or if shapes or the average do not fit
 */
export const averagePrecision = load('averagePrecision')

/**
 * The area under the ROC curve: how often a positive sample scores higher than a negative one, ties counting half. Of
 * three or more classes by `multiClass`: each against the rest ('ovr'), or the mean over pairs of classes ('ovo'; Hand
 * & Till 2001), by probabilities.
 * @param truth   labels [n], the greater of two is positive; rows [n, labels] of 0 and 1; or labels 0 … classes − 1
 * @param scores  [n]; [n, labels]; or [n, classes], of two classes the second column counts
 * @returns a number; a list, one for each column, for average null
 * @throws HandgradError, by the promise, as {@link rocCurve}; if a class does not occur, or nothing else does; if rows
 *   of three or more classes are not probabilities; or if multiClass or the average do not fit
 */
export const rocAuc = load('rocAuc')

/**
 * −ln p of the true class, its mean over samples, in nats. Probabilities are held in [ε, 1 − ε], with ε of float32 for
 * float32 tensors and arrays, of float64 for others.
 * @param truth          classes [n], 0 … classes − 1
 * @param probabilities  [n, classes]; or [n], of class 1
 * @param options.normalize     false: the sum. Default: true
 * @param options.sampleWeight  default, or null: 1
 * @throws HandgradError, by the promise, if sizes differ or are 0, a class is outside of the columns, or a row is not
 *   probabilities
 */
export const logLoss = load('logLoss')

/**
 * exp of the mean −ln softmax(logits) of the true class: among how many classes, all as likely, one would be as unsure.
 * @param truth   classes [n], 0 … classes − 1
 * @param logits  [n, classes]
 * @param options.ignoreIndex   rows of this class do not count. Default: −100
 * @param options.sampleWeight  default, or null: 1
 * @throws HandgradError, by the promise, if sizes differ or are 0, no row counts, a class is outside of the columns, or
 *   a logit is NaN
 */
export const perplexity = load('perplexity')

/**
 * Σ (t − p)² / n.
 * @param truth      numbers [n], or [n, outputs]
 * @param predicted  as truth
 * @returns a number; a list, one for each column, for multioutput null
 * @throws HandgradError, by the promise, if sizes differ or are 0, a number is NaN, or an option is not one
 */
export const meanSquaredError = load('meanSquaredError')

/** √(Σ (t − p)² / n), of each column before they are averaged. As {@link meanSquaredError}. */
export const rootMeanSquaredError = load('rootMeanSquaredError')

/** Σ |t − p| / n. As {@link meanSquaredError}. */
export const meanAbsoluteError = load('meanAbsoluteError')

/** Σ |t − p| / max(|t|, 2⁻⁵²) / n, a part and not per cent. As {@link meanSquaredError}. */
export const meanAbsolutePercentageError = load('meanAbsolutePercentageError')

/**
 * R² = 1 − Σ (t − p)² / Σ (t − t̄)²: the part of the variance that is explained. Of a truth that does not vary it is 1
 * if the predictions are exact, else 0.
 * @param truth      numbers [n], n ≥ 2, or [n, outputs]
 * @param predicted  as truth
 * @param options.multioutput   as elsewhere, or 'varianceWeighted': the mean over columns by their variance
 * @param options.sampleWeight  default, or null: 1
 * @throws HandgradError, by the promise, as {@link meanSquaredError}, or if there is one sample only
 */
export const r2Score = load('r2Score')
