/** @file T18: a recommender by embeddings, with the item's text. */
import { main } from '../../../examples/recommender.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'recommender.ts',
  reaches: 'embeddings with the text of items beat popularity, and rank items that nobody has taken',
  main,
  goals: ({ rows: [popular, own, text, both] }) => ({
    'with text recall@10 and NDCG@10 are 20 % above popularity': [text, both].every(
      ({ known }) => known.recall > 1.2 * popular.known.recall && known.ndcg > 1.2 * popular.known.ndcg,
    ),
    'text beats vectors of the items alone': text.known.ndcg > own.known.ndcg && both.known.ndcg > own.known.ndcg,
    'new items: recall@5 and NDCG@5 are 1.5 times those of popularity': [text, both].every(
      ({ later }) => later.recall > 1.5 * popular.later.recall && later.ndcg > 1.5 * popular.later.ndcg,
    ),
    'without text new items are not ranked: own vectors are below 1.5 times':
      own.later.recall < 1.5 * popular.later.recall,
  }),
  says: ({ rows }) => rows.map(({ way, known }) => `${way}: recall@10 ${known.recall.toFixed(3)}`).join(', '),
})
