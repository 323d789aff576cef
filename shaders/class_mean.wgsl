// y = Σ_r loss[r] / count, with count the rows whose label is not p.ignore: the mean of a loss of classes over the rows
// that count, NaN if none does. count is kept for the gradient.
// One workgroup: a lane adds up every 256th row, then all lanes their sums. loss and labels are read once.
// kernel: class_mean
// uses: index bits wide special
struct Params { rows: u32, target_offset: u32, ignore: i32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read_write> count: array<f32>;
@group(0) @binding(3) var<storage, read> loss: array<f32>;
@group(0) @binding(4) var<storage, read> labels: array<i32>;

// Rows that one lane adds up before it adds their sum to the others: chains of additions stay short.
const BLOCK = 256u * LANES;

var<workgroup> sums: array<f32, LANES>;
var<workgroup> counts: array<u32, LANES>;

@compute @workgroup_size(LANES)
fn class_mean(thread: Thread) {
  let lane = thread.lane;
  var sum = 0.0f;
  var counted = 0u;
  for (var first = lane; first < p.rows; first += BLOCK) {
    var part = 0.0f;
    for (var r = first; r < min(first + BLOCK, p.rows); r += LANES) {
      part += loss[r];
      counted += select(0u, 1u, labels[p.target_offset + r] != p.ignore);
    }
    sum += part;
  }
  sums[lane] = sum;
  counts[lane] = counted;
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) {
      sums[lane] += sums[lane + half];
      counts[lane] += counts[lane + half];
    }
  }
  if (lane == 0u) {
    let n = f32(counts[0]);
    count[0] = n;
    y[0] = select(sums[0] / max(n, 1.0f), from_bits(NAN_BITS), n == 0.0f);
  }
}
