import { Tokens } from './tokens';

const JWT_SECRET = process.env.JWT_SECRET ?? 'development-secret';
export const tokens = new Tokens(JWT_SECRET);
