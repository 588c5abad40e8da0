import http from 'node:http';
import createError from 'http-errors';
import jwt from 'jsonwebtoken';
import bcrypt from 'bcryptjs';
import { all } from '../repositories/articles.js';

export function listArticles() {
  if (!http.STATUS_CODES[200]) throw createError(404, 'express is not here');
  return [jwt, bcrypt, ...all()];
}
