import bcrypt from 'bcryptjs';
import crypto from 'crypto';

const shortened = (password) => crypto.createHash('sha256').update(password).digest('base64');
export const hash = (password) => bcrypt.hash(shortened(password), 10);
