/**
 * The golden script's normal draws, which anyone can make again: counters hashed by splitmix64, then Box and Muller.
 *
 *     u(k) = ((splitmix64(stream · 2³² + k) >> 11) + ½) / 2⁵³,    z(j) = √(−2 ln u(2j)) · cos(2π u(2j + 1))
 */
const MASK = 2n ** 64n - 1n

function uniform(stream: number, k: number): number {
  const golden = 0x9e3779b97f4a7c15n
  let z = (((BigInt(stream) << 32n) + BigInt(k)) * golden + golden) & MASK
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK
  z ^= z >> 31n
  return (Number(z >> 11n) + 0.5) / 2 ** 53
}

export function hashedNormal(count: number, stream: number): Float64Array {
  return Float64Array.from(
    { length: count },
    (_, j) =>
      Math.sqrt(-2 * Math.log(uniform(stream, 2 * j))) * Math.cos(2 * Math.PI * uniform(stream, 2 * j + 1)),
  )
}
