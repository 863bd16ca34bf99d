// The same tests with the NGINX of this machine's Debian, which is older.
import "../conf.test";
