import { Hono } from 'hono';
import { who } from '../services/who.ts';

export const users = new Hono().get('/user', (c) => c.json(who()));
