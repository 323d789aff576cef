// ids[r] = a column of row r of x, drawn by its softmax as the options leave it, and logprobs[r] = the log-softmax of x
// there, before any option. In order: a logit v of a column that `seen` has becomes v·penalty below 0, else v/penalty;
// all are divided by the temperature; the top_k greatest stay; of those the fewest whose probabilities reach top_p;
// of those what is at least min_p times the greatest. Of equal logits the lowest columns stay. With top_k = 1 nothing
// is drawn.
// The draw depends on seed, position and logits of its row alone: word w of Philox(seed, position) stands for w/2³² of
// what is left, which is added up in the order of columns. Probabilities are whole numbers then, some 2³² together:
// their sums are equal in whatever order they are added, and so are rows however they are computed.
// Unused columns, and those from p.used on, are passed over, whatever they hold. NaN, +∞ and a row of −∞ only are
// reported; its id is 0 and its logprob NaN. With MARK the drawn column is put into `seen`.
// One workgroup per row. x is read 3 times; 5 times more for top_k, as often again for top_p; y is written once.
// kernel: sample
// uses: index bits order wide special philox status
// inout: seen
struct Params {
  rows: u32, cols: u32, used: u32, x_offset: u32, seen_offset: u32, seeds_offset: u32, positions_offset: u32,
  flags: u32, seed_lo: u32, seed_hi: u32, position: u32, top_k: u32, top_p: u32, inverse: f32, cut: f32,
  penalty: f32, inverse_penalty: f32, launch_id: u32,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> ids: array<u32>;
@group(0) @binding(2) var<storage, read_write> logprobs: array<f32>;
@group(0) @binding(3) var<storage, read_write> seen: array<u32>;
@group(0) @binding(4) var<storage, read> x: array<f32>;
@group(0) @binding(5) var<storage, read> seeds: array<u32>;
@group(0) @binding(6) var<storage, read> positions: array<u32>;
@group(0) @binding(7) var<storage, read> unused: array<u32>;
@group(0) @binding(8) var<storage, read_write> status: Status;

// What of the last inputs is there; without its flag none is read. PENALTY: `seen` is read, MARK: it is written.
const PENALTY = 1u;
const MARK = 2u;
const UNUSED = 4u;
const POSITIONS = 8u;
// Seeds of one word for each row, or of two.
const SEEDS = 16u;
const LONG_SEEDS = 32u;

// What is reported: a logit that is NaN or +∞, with its place; a row without one above −∞.
const LOGIT = 10u;
const NOTHING = 11u;

// Third word of the counter: `rand` and its kin have 0, the host 1.
const STREAM = 2u;

// order_key of −∞ and of +∞, which NaN is above.
const LOWEST_KEY = 0x007fffffu;
const INF_KEY = 0xff800000u;

// Sums go by blocks of so many lanes, and as many blocks: fewer barriers than a tree has.
const BLOCK = 16u;

var<workgroup> tops: array<atomic<u32>, 2>;
var<workgroup> partial: array<vec2<f32>, LANES>;
var<workgroup> partial_blocks: array<vec2<f32>, BLOCK>;
var<workgroup> masses: array<atomic<u32>, LANES>;
var<workgroup> blocks: array<u32, BLOCK>;
var<workgroup> found: vec2<u32>;

// A number of turns that drivers do not know when they compile: they unroll loops, and take seconds for what comes of
// it.
fn turns(n: u32) -> u32 { return n * min(p.rows, 1u); }

fn is_unused(c: u32) -> bool { return (p.flags & UNUSED) != 0u && unused[c] != 0u; }

// The logit of a column as the penalty leaves it; of an unused one −∞.
fn logit(row: u32, c: u32) -> f32 {
  if (is_unused(c)) { return from_bits(NEG_INF_BITS); }
  let v = x[p.x_offset + row * p.cols + c];
  if ((p.flags & PENALTY) == 0u || is_nan(v) || is_inf(v) || seen[p.seen_offset + row * p.cols + c] == 0u) { return v; }
  return v * select(p.penalty, p.inverse_penalty, v > 0.0f);
}

fn key_of(v: f32) -> u32 { return order_key(bitcast<u32>(v), 0u); }

// The float32 of a key, 0 for −0.
fn value_of(key: u32) -> f32 { return bitcast<f32>(select(~key, key ^ 0x80000000u, key >= 0x80000000u)); }

// e^((v − m)·scale), 0 for −∞.
fn power(v: f32, m: f32, scale: f32) -> f32 {
  if (is_neg_inf(v)) { return 0.0f; }
  return own_exp((v - m) * scale);
}

// What an option has left: columns of greater keys, and of this one those up to `last`. `top` is the greatest logit,
// `unit` what a probability is multiplied by.
struct Kept { key: u32, last: u32, top: f32, unit: f32 }

fn is_kept(kept: Kept, key: u32, c: u32) -> bool { return key > kept.key || (key == kept.key && c <= kept.last); }

// What a column counts for: 1 while columns are counted (unit 0), else its probability as a whole number.
fn mass_of(kept: Kept, v: f32, key: u32, c: u32) -> u32 {
  if (!is_kept(kept, key, c)) { return 0u; }
  if (kept.unit == 0.0f) { return 1u; }
  return u32(power(v, kept.top, p.inverse) * kept.unit + 0.5f);
}

// The sum of all masses, which are written.
fn total(lane: u32) -> u32 {
  workgroupBarrier();
  if (lane < BLOCK) {
    var sum = 0u;
    for (var i = 0u; i < turns(BLOCK); i++) { sum += atomicLoad(&masses[lane * BLOCK + i]); }
    blocks[lane] = sum;
  }
  workgroupBarrier();
  var sum = 0u;
  for (var i = 0u; i < turns(BLOCK); i++) { sum += blocks[i]; }
  return sum;
}

// After total: the first bin with which the sum of masses reaches the goal, and the sum before it.
fn reach(lane: u32, goal: u32) -> vec2<u32> {
  let block = lane / BLOCK;
  var before = 0u;
  for (var i = 0u; i < block; i++) { before += blocks[i]; }
  for (var i = block * BLOCK; i < lane; i++) { before += atomicLoad(&masses[i]); }
  if (before < goal && goal - before <= atomicLoad(&masses[lane])) { found = vec2<u32>(lane, before); }
  workgroupBarrier();
  return found;
}

// What of `all` reaches top_p, rounded up.
fn share(all: u32) -> u32 { return mul_hi(p.top_p, all) + select(0u, 1u, p.top_p * all != 0u); }

// The random word of a row.
fn word_of(row: u32) -> u32 {
  if (row >= p.rows) { return 0u; }
  var seed = vec2<u32>(p.seed_lo, p.seed_hi);
  if ((p.flags & SEEDS) != 0u) { seed = vec2<u32>(seeds[p.seeds_offset + row], 0u); }
  if ((p.flags & LONG_SEEDS) != 0u) {
    let at = p.seeds_offset + 2u * row;
    seed = vec2<u32>(seeds[at], seeds[at + 1u]);
  }
  var position = p.position;
  if ((p.flags & POSITIONS) != 0u) { position = positions[p.positions_offset + row]; }
  return philox(vec4<u32>(position, 0u, STREAM, 0u), seed).x;
}

@compute @workgroup_size(LANES)
fn sample(thread: Thread) {
  let lane = thread.lane;
  let row = group_index(thread);
  // A grid folded in two may have more workgroups than rows; they work on no columns.
  let cols = select(0u, p.used, row < p.rows);

  // The greatest logits, after the penalty and before.
  if (lane < 2u) { atomicStore(&tops[lane], 0u); }
  if (lane == 0u) { found = vec2<u32>(); }
  workgroupBarrier();
  var own = vec2<u32>();
  for (var c = lane; c < cols; c += LANES) {
    let key = key_of(logit(row, c));
    let raw = x[p.x_offset + row * p.cols + c];
    own = max(own, vec2<u32>(key, select(key_of(raw), 0u, is_unused(c))));
    if (key >= INF_KEY) { report_as(LOGIT, p.launch_id, row * p.cols + c, bitcast<i32>(raw), p.cols, 0); }
  }
  atomicMax(&tops[0], own.x);
  atomicMax(&tops[1], own.y);
  workgroupBarrier();
  let top_key = atomicLoad(&tops[0]);
  let raw_top = value_of(atomicLoad(&tops[1]));
  let good = top_key > LOWEST_KEY && top_key < INF_KEY && row < p.rows;
  if (lane == 0u && row < p.rows && top_key <= LOWEST_KEY) { report_as(NOTHING, p.launch_id, row, 0, p.cols, 0); }

  var kept = Kept(0u, 0xffffffffu, value_of(top_key), 0.0f);
  let word = word_of(row);
  var column = 0u;
  var sums = vec2<f32>();
  // First by counts, for top_k; then by probabilities, for top_p; then the draw.
  for (var phase = 0u; phase < turns(3u); phase++) {
    if (phase == 1u) {
      // Of what top_k has left, and of all before any option.
      for (var c = lane; c < cols; c += LANES) {
        if (is_unused(c)) { continue; }
        let v = logit(row, c);
        if (is_kept(kept, key_of(v), c)) { sums.x += power(v, kept.top, p.inverse); }
        sums.y += power(x[p.x_offset + row * p.cols + c], raw_top, 1.0f);
      }
      partial[lane] = sums;
      workgroupBarrier();
      if (lane < BLOCK) {
        var sum = vec2<f32>();
        for (var i = 0u; i < turns(BLOCK); i++) { sum += partial[lane * BLOCK + i]; }
        partial_blocks[lane] = sum;
      }
      workgroupBarrier();
      sums = vec2<f32>();
      for (var i = 0u; i < turns(BLOCK); i++) { sums += partial_blocks[i]; }
      // A power of two with which all together are below 2³², and above 2³⁰, also after each is rounded: columns are at
      // most 2²⁰.
      kept.unit = two_to(31 - (i32(bitcast<u32>(sums.x * 1.0003f) >> 23u) - 127));
    }
    if (p.top_k == 1u && phase > 0u) { continue; }
    var goal = 0u;
    var key = top_key;
    if (phase == 0u) {
      if (p.top_k == 0u) { continue; }
      goal = p.top_k;
    }
    if (phase == 1u && p.top_p == 0u) { continue; }
    if (phase == 2u) {
      let least = key_of(kept.top + p.cut);
      if (least > kept.key) {
        kept.key = least;
        kept.last = 0xffffffffu;
      }
    }
    // The key down to which the greatest columns reach the goal, by digits of 8 bits from `shift` down; then the column
    // with which those of that key reach what is left of the goal, or with which all that are kept reach the share of
    // the drawn word, by parts of `width`. One body for both, as each copy takes long to compile.
    var shift = select(turns(32u), 0u, phase == 2u || p.top_k == 1u);
    if (shift > 0u) { key = 0u; }
    var width = p.used;
    column = 0u;
    var first = true;
    while (shift > 0u || width > 1u) {
      let by_key = shift > 0u;
      let low = max(shift, 8u) - 8u;
      let step = (width + LANES - 1u) / LANES;
      let begin = select(column + lane * step, lane, by_key);
      let end = select(min(min(column + (lane + 1u) * step, column + width), cols), cols, by_key);
      atomicStore(&masses[lane], 0u);
      workgroupBarrier();
      // Neighbours are often of one bin: their masses are added up first.
      var bin = lane;
      var sum = 0u;
      for (var c = begin; c < end; c += select(1u, LANES, by_key)) {
        let v = logit(row, c);
        let k = key_of(v);
        if (select(phase < 2u && k != key, (k >> low) >> 8u != key, by_key)) { continue; }
        let own_bin = select(lane, 255u - ((k >> low) & 255u), by_key);
        if (own_bin != bin) {
          if (sum > 0u) { atomicAdd(&masses[bin], sum); }
          bin = own_bin;
          sum = 0u;
        }
        sum += mass_of(kept, v, k, c);
      }
      if (sum > 0u) { atomicAdd(&masses[bin], sum); }
      let all = total(lane);
      if (first && phase == 1u) { goal = share(all); }
      if (first && phase == 2u) { goal = mul_hi(word, all) + 1u; }
      first = false;
      let at = reach(lane, goal);
      goal -= at.y;
      if (by_key) {
        key = (key << 8u) | (255u - at.x);
        shift -= 8u;
      } else {
        column += at.x * step;
        width = step;
      }
    }
    kept.key = key;
    kept.last = column;
  }

  if (lane > 0u || row >= p.rows) { return; }
  column = min(kept.last, p.used - 1u);
  ids[row] = select(0u, column, good);
  let logprob = x[p.x_offset + row * p.cols + column] - raw_top - own_log(sums.y);
  logprobs[row] = select(from_bits(NAN_BITS), logprob, good);
  if (good && (p.flags & MARK) != 0u) { seen[p.seen_offset + row * p.cols + column] = 1u; }
}
