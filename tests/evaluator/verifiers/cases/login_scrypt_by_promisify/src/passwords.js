import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import Koa from 'koa';

const derive = promisify(scrypt);
export const app = new Koa();

export async function hashed(password) {
  const salt = randomBytes(16);
  const key = await derive(password, salt, 64);
  return { salt: salt.toString('hex'), password_hash: key.toString('hex') };
}

export async function matches(password, user) {
  const key = await derive(password, Buffer.from(user.salt, 'hex'), 64);
  return timingSafeEqual(key, Buffer.from(user.password_hash, 'hex'));
}
