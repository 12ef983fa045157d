/* SPDX-License-Identifier: GPL-2.0-only */
#include "owner/owner_json.h"

void owner_list_json(const struct owner_list *l, struct json *j)
{
	json_array(j);
	for (size_t i = 0; i < l->n; i++) {
		const struct owner *w = &l->v[i];

		json_object(j);
		json_field_str(j, "kind", owner_kind_name(w->kind));
		json_field_str(j, "text", w->text);
		for (unsigned k = 0; k < w->n_fields; k++) {
			const struct owner_field *f = &w->fields[k];

			if (f->text)
				json_field_str(j, f->name, f->text);
			else
				json_field_u64(j, f->name, f->number);
		}
		json_object_end(j);
	}
	json_array_end(j);
}
