// SPDX-License-Identifier: EUPL-1.2
import { open_page } from "./base.js";

open_page();
