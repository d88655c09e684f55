// Draws portraits as SVG: node draw.mjs COUNT SEED  →  one JSON line each: {attributes, nuisance, svg}.
// Faces: DiceBear's Lorelei by Lisa Wischofsky (CC0 1.0; the code is MIT). Shoulders and backgrounds: ours.
import { createAvatar } from '@dicebear/core';
import * as lorelei from '@dicebear/lorelei';
import { earrings } from './node_modules/@dicebear/lorelei/lib/components/earrings.js';
import { freckles } from './node_modules/@dicebear/lorelei/lib/components/freckles.js';
import { mouth as mouths } from './node_modules/@dicebear/lorelei/lib/components/mouth.js';

const [count, seed] = process.argv.slice(2).map(Number);
// Neighbouring seeds must not share a stretch of the sequence: mix the seed first (murmur3's finaliser).
let state = seed >>> 0;
state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
state = (state ^ (state >>> 16)) >>> 0;
function random() { // mulberry32
  state = (state + 0x6d2b79f5) >>> 0;
  let t = state;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const pick = list => list[Math.floor(random() * list.length)];
const variant = number => `variant${String(number).padStart(2, '0')}`;
function weighted(weights) {
  let left = random() * Object.values(weights).reduce((a, b) => a + b);
  for (const [name, weight] of Object.entries(weights)) if ((left -= weight) < 0) return name;
  return Object.keys(weights).at(-1);
}
const even = names => Object.fromEntries(names.map(name => [name, 1]));

const SKIN = { light: ['ffe3cc', 'fbd5b5'], tan: ['e8b98a', 'dca878'], brown: ['b5794a', 'a86c40'], dark: ['6f4428', '7d4d2e'] };
const HAIR_COLOUR = {
  black: ['241c1c', '2b2326'], brown: ['6b3f22', '7a4a2a'], blonde: ['f0cf6a', 'e6c15a'], red: ['c8401c', 'd2521f'],
  grey: ['c9ccd1', 'b9bec6'], blue: ['3f7fe8', '2f6fd0'], pink: ['f06fb4', 'e85aa6'], green: ['4caf6a', '3d9c58'],
};
const HAIR = {
  short: [1, 2, 3, 6, 7, 8, 12, 43], curly: [5, 18, 24, 35, 39, 9], long: [13, 15, 16, 21, 33, 40, 41],
  bob: [10, 17, 19, 23, 30, 48], bun: [14, 26, 38, 45, 46], ponytail: [29, 31, 36, 42], spiky: [4, 20, 27, 22], bald: [34],
};
const MOUTH = {
  happy: ['happy01', 'happy02', 'happy03', 'happy13'], laughing: ['happy05', 'happy06', 'grin'],
  surprised: ['round', 'tall'], sad: ['sad04', 'sad05', 'arc'],
};
const OWN_MOUTH = { // where Lorelei's has none that says it plainly, in the middle of where its mouths are
  round: colour => `<ellipse cx="566" cy="694" rx="30" ry="32" fill="#5a0a18" stroke="${colour}" stroke-width="13"/>`,
  tall: colour => `<ellipse cx="566" cy="694" rx="24" ry="42" transform="rotate(8 566 694)" fill="#5a0a18" stroke="${colour}" stroke-width="13"/>`,
  grin: colour => `<path d="M496 668Q566 690 642 660Q632 744 566 746Q508 742 496 668Z" fill="#fffaf5" stroke="${colour}" stroke-width="13" stroke-linejoin="round"/><path d="M516 712Q570 728 628 704Q612 742 566 742Q530 740 516 712Z" fill="#5a0a18"/>`,
  arc: colour => `<path d="M505 722Q560 654 640 706" stroke="${colour}" stroke-width="13" stroke-linecap="round"/>`,
};
const GLASSES = { none: [], glasses: [1, 3, 4, 5], sunglasses: [2] };
const CLOTHES_COLOUR = {
  red: 'd94f4f', orange: 'f08c3a', yellow: 'f2c83f', green: '57b26b', teal: '3fb0ac', blue: '4f7fd9', purple: '8d63c9',
  white: 'f2f2f2', black: '3a3a44',
};
const BACKGROUND = {
  blue: 'b6dff7', purple: 'cdbdf2', pink: 'ffcfdc', orange: 'ffd9b0', green: 'c3ecc8', yellow: 'fdf0a8', grey: 'dcdfe4',
  night: '3d4a73',
};
const WEIGHTS = {
  skin: even(Object.keys(SKIN)), hair_colour: even(Object.keys(HAIR_COLOUR)),
  hair: { short: 0.2, curly: 0.15, long: 0.17, bob: 0.13, bun: 0.1, ponytail: 0.1, spiky: 0.09, bald: 0.06 },
  mouth: even(Object.keys(MOUTH)), glasses: { none: 0.6, glasses: 0.27, sunglasses: 0.13 }, beard: { none: 0.82, beard: 0.18 },
  extra: { none: 0.6, earrings: 0.13, flowers: 0.14, freckles: 0.13 },
  clothes: { plain: 0.4, stripes: 0.2, hoodie: 0.2, collar: 0.2 }, clothes_colour: even(Object.keys(CLOTHES_COLOUR)),
  background: even(Object.keys(BACKGROUND)),
};
const LINE = '#1d1a1a';
// What hair leaves to be seen: earrings under it would be named and not shown (measured at 128 px).
const UNDER_HAIR = { 1: [21], 2: [14, 15, 19, 21, 23, 40, 41, 45], 3: [15, 21, 40, 41, 45] };
const FRECKLES = { light: 'a0522d', tan: '7a3b1e', brown: '5c2a10', dark: '2a120a' };
const LIPS = { light: 'b01028', tan: 'a80c24', brown: '7a0418', dark: 'ff8a8a' };
const EYES = [2, 4, 6, 8, 10, 13, 15, 16, 20, 21, 23, 24, 9, 11];
const EYES_CLOSED = [1, 18, 19, 22];

function shade(hex, factor) { // below 1 darker, above 1 towards white
  const mix = part => (factor > 1 ? 255 - (255 - part) * (2 - factor) : part * factor);
  const parts = [0, 2, 4].map(at => Math.min(255, Math.max(0, Math.round(mix(parseInt(hex.slice(at, at + 2), 16))))));
  return '#' + parts.map(part => part.toString(16).padStart(2, '0')).join('');
}

function shoulders(kind, colour) {
  const outline = 'M30 1010C50 860 190 815 330 795C420 782 560 782 640 795C770 815 910 860 930 1010Z';
  let drawn = `<path d="${outline}" fill="#${colour}" stroke="${LINE}" stroke-width="12"/>`;
  if (kind === 'stripes') {
    const stripe = shade(colour, colour === CLOTHES_COLOUR.black ? 1.6 : 0.62);
    drawn += `<clipPath id="body"><path d="${outline}"/></clipPath><g clip-path="url(#body)" stroke="${stripe}" stroke-width="24"><path d="M0 850H980M0 904H980"/></g>`;
  }
  if (kind === 'hoodie') {
    drawn += `<path d="M250 850C240 760 330 730 480 730C640 730 730 760 715 850C640 905 330 905 250 850Z" fill="${shade(colour, 0.8)}" stroke="${LINE}" stroke-width="12"/>`;
  }
  return drawn;
}

function collar(colour) {
  const side = d => `<path d="${d}" fill="${shade(colour, 1.45)}" stroke="${LINE}" stroke-width="10" stroke-linejoin="round"/>`;
  return side('M330 800L296 848L420 922L470 872Z') + side('M640 800L676 848L545 922L470 872Z');
}

function thickened(svg, drawing, width) { // what is a pixel wide gets an outline of its own colour
  if (!svg.includes(drawing)) throw new Error('nothing to thicken');
  const colour = drawing.match(/fill="([^"]+)"/)[1];
  return svg.replace(drawing, drawing.replace('/>', ` stroke="${colour}" stroke-width="${width}"/>`));
}

function withMouth(svg, name, colour) { // drawn 1.45 × larger about its middle, teeth white
  const drawing = mouths[name in OWN_MOUTH ? 'happy01' : name]({}, { mouth: colour });
  if (!svg.includes(drawing)) throw new Error(`no mouth ${name}`);
  if (name in OWN_MOUTH) return svg.replace(drawing, `<g transform="translate(566 694) scale(1.15) translate(-566 -694)">${OWN_MOUTH[name](colour)}</g>`);
  const outer = drawing.match(/d="([^zZ]+[zZ])/)[1];
  const teeth = MOUTH.laughing.includes(name) ? `<path d="${outer}" fill="#fffaf5"/>` : '';
  return svg.replace(drawing, `<g transform="translate(566 690) scale(1.45) translate(-566 -690)">${teeth}${drawing}</g>`);
}

function portrait(index) {
  const a = Object.fromEntries(Object.entries(WEIGHTS).map(([name, weights]) => [name, weighted(weights)]));
  if (a.hair === 'bald' && a.extra === 'flowers') a.extra = 'none';
  if (['long', 'bob', 'bun', 'ponytail'].includes(a.hair) && random() < 0.8) a.beard = 'none';
  const nuisance = {
    head: 1 + Math.floor(random() * 4), nose: 1 + Math.floor(random() * 6), hair: pick(HAIR[a.hair]),
    eyebrows: a.mouth === 'sad' ? pick([10, 11, 12, 13]) : 1 + Math.floor(random() * 9),
    eyes: random() < 0.88 ? pick(EYES) : pick(EYES_CLOSED), mouth: pick(MOUTH[a.mouth]),
    glasses: GLASSES[a.glasses].length ? pick(GLASSES[a.glasses]) : 1, beard: pick([1, 2]), earrings: pick([1, 2, 3]),
  };
  if (a.extra === 'earrings') {
    const hairs = HAIR[a.hair].filter(hair => !UNDER_HAIR[nuisance.earrings].includes(hair));
    if (hairs.length) nuisance.hair = pick(hairs); else nuisance.earrings = 1;
  }
  const mouthColour = LIPS[a.skin];
  const svg = createAvatar(lorelei, {
    seed: `p${index}`, skinColor: [pick(SKIN[a.skin])], hairColor: [pick(HAIR_COLOUR[a.hair_colour])], eyesColor: ['1a1a1a'],
    mouthColor: [mouthColour], hairAccessoriesColor: ['ffffff'], earringsColor: ['f5c542'], frecklesColor: [FRECKLES[a.skin]],
    head: [variant(nuisance.head)], nose: [variant(nuisance.nose)], eyebrows: [variant(nuisance.eyebrows)],
    eyes: [variant(nuisance.eyes)], hair: [variant(nuisance.hair)], mouth: [nuisance.mouth in OWN_MOUTH ? 'happy01' : nuisance.mouth],
    glasses: [variant(nuisance.glasses)], glassesProbability: a.glasses === 'none' ? 0 : 100,
    beard: [variant(nuisance.beard)], beardProbability: a.beard === 'none' ? 0 : 100,
    earrings: [variant(nuisance.earrings)], earringsProbability: a.extra === 'earrings' ? 100 : 0,
    frecklesProbability: a.extra === 'freckles' ? 100 : 0, hairAccessoriesProbability: a.extra === 'flowers' ? 100 : 0,
  }).toString();
  const start = svg.indexOf('<g mask="url(#viewboxMask)">') + 28;
  let face = withMouth(svg.slice(start, svg.lastIndexOf('</g></svg>')), nuisance.mouth, `#${mouthColour}`);
  if (a.extra === 'freckles') face = thickened(face, freckles.variant01({}, { freckles: `#${FRECKLES[a.skin]}` }), 7);
  if (a.extra === 'earrings') face = thickened(face, earrings[variant(nuisance.earrings)]({}, { earrings: '#f5c542' }), 12);
  const back = BACKGROUND[a.background];
  const colour = CLOTHES_COLOUR[a.clothes_colour];
  const drawn = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="50 70 860 860" fill="none"><defs><linearGradient id="back" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${shade(back, 1.35)}"/><stop offset="1" stop-color="#${back}"/></linearGradient></defs><rect width="980" height="980" fill="url(#back)"/>${shoulders(a.clothes, colour)}${face}${a.clothes === 'collar' ? collar(colour) : ''}</svg>`;
  return { attributes: a, nuisance, svg: drawn };
}

for (let index = 0; index < count; index++) process.stdout.write(JSON.stringify(portrait(index)) + '\n');
