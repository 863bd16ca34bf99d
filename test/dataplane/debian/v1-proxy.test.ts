// The same tests with the NGINX of this machine's Debian, which is older.
import "../v1-proxy.test";
