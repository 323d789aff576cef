// Sorting pairs (key, place) that are all different, in workgroups of LANES: blocks first, then runs that are merged
// two by two. The kernel declares `runs`, the pairs that are merged. Needs lib/index.

const BLOCK = 1024u;
var<workgroup> block: array<vec2<u32>, BLOCK>;

// Goes after all others.
const NO_PAIR = vec2<u32>(0xffffffffu, 0xffffffffu);

fn before(u: vec2<u32>, v: vec2<u32>) -> bool {
  return u.x < v.x || (u.x == v.x && u.y < v.y);
}

// How many pairs of a block take part where there are `count`: few need less of the network.
fn top_of(count: u32) -> u32 {
  var top = 2u;
  while (top < min(count, BLOCK)) { top *= 2u; }
  return top;
}

// The first `top` pairs of the block, in order, by a bitonic network (Batcher 1968); each lane has written its own.
fn sort_block_of(top: u32, lane: u32) {
  for (var size = 2u; size <= top; size *= 2u) {
    for (var step = size / 2u; step > 0u; step /= 2u) {
      workgroupBarrier();
      for (var i = lane; i < top / 2u; i += LANES) {
        let low = 2u * step * (i / step) + i % step;
        let u = block[low];
        let v = block[low + step];
        // Every other stretch of `size` is sorted the other way, so that two make one that rises and falls.
        if (before(v, u) == ((low & size) == 0u)) {
          block[low] = v;
          block[low + step] = u;
        }
      }
    }
  }
  workgroupBarrier();
}

// Where pair c of `count` from `row` on goes as sorted runs of `width` become runs twice as long: its own place in its
// run plus the number of pairs of the neighbouring run that go before it.
fn merged_place(row: u32, c: u32, count: u32, width: u32) -> u32 {
  let own = runs[row + c];
  let run = c / width;
  // The neighbouring run is [low, high); own is after the pairs below `low` in the end.
  let neighbour = select(run + 1u, run - 1u, run % 2u == 1u);
  let begin = min(neighbour * width, count);
  var low = begin;
  var high = min(begin + width, count);
  while (low < high) {
    let middle = (low + high) / 2u;
    if (before(runs[row + middle], own)) { low = middle + 1u; } else { high = middle; }
  }
  return min(run, neighbour) * width + (c - run * width) + (low - begin);
}
