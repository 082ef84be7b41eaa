-- Flatten what GitHub's Markdown cannot express: wrappers, spans, ids, complex tables, definition lists. A title in the
-- metadata becomes the first heading, and in-page links lead to the anchors that GitHub makes of headings.
local anchors, used, directives, splits_code = {}, {}, false, false
local admonitions = { "note", "warning", "tip", "important", "caution", "admonition", "seealso", "danger", "error", "hint",
  "attention", "topic", "sidebar" }
local plain_directives = pandoc.List { "container", "compound", "epigraph", "pull-quote", "highlights", "rubric", "title", "line-block", "figure", "image", "class" }

local function anchor(inlines)
  local text = pandoc.text.lower(pandoc.utils.stringify(inlines))
  text = text:gsub("[%p]", function(char) return (char == "-" or char == "_") and char or "" end):gsub("%s", "-")
  local count = used[text]
  used[text] = (count or 0) + 1
  return count and text .. "-" .. count or text
end

local function on_one_line(blocks)
  local inlines = pandoc.Inlines {}
  for number, block in ipairs(blocks) do
    if number > 1 then inlines:insert(pandoc.Space()) end
    if block.t == "CodeBlock" then inlines:insert(pandoc.Code((block.text:gsub("\n", " "))))
    else inlines:extend(pandoc.utils.blocks_to_inlines { block }) end
  end
  local space = function() return pandoc.Space() end
  return { pandoc.Plain(inlines:walk { LineBreak = space, SoftBreak = space }) }
end

local function flat_rows(rows)
  for _, row in ipairs(rows) do
    local cells = pandoc.List {}
    for _, cell in ipairs(row.cells) do
      local columns = cell.col_span
      cell.contents, cell.col_span, cell.row_span, cell.attr = on_one_line(cell.contents), 1, 1, pandoc.Attr()
      cells:insert(cell)
      for _ = 2, columns do cells:insert(pandoc.Cell {}) end
    end
    row.cells = cells
  end
  return rows
end

local function with_head(tbl)
  local body = tbl.bodies[1]
  local empty = true
  for _, row in ipairs(tbl.head.rows) do
    for _, cell in ipairs(row.cells) do empty = empty and pandoc.utils.stringify(cell.contents) == "" end
  end
  if empty and body and #body.body > 1 then
    tbl.head.rows = { body.body[1] }
    body.body:remove(1)
  end
end

local function content(element) return element.content end

local function with_title(doc)
  local title, top = doc.meta.title, false
  local markup = doc.meta.markup
  directives, splits_code = markup == "rst", markup == "asciidoc"
  for _, block in ipairs(doc.blocks) do top = top or (block.t == "Header" and block.level == 1) end
  local keeps = markup == "html" and top
  local head = pandoc.Blocks {}
  if title and not keeps and pandoc.utils.stringify(title) ~= "" then
    if top then doc.blocks = doc.blocks:walk { Header = function(h) h.level = h.level + 1; return h end } end
    if pandoc.utils.type(title) == "Blocks" then title = pandoc.utils.blocks_to_inlines(title) end
    if pandoc.utils.type(title) ~= "Inlines" then title = pandoc.Inlines(pandoc.utils.stringify(title)) end
    head:insert(pandoc.Header(1, title))
  end
  if pandoc.utils.type(doc.meta.abstract) == "Blocks" then head:extend(doc.meta.abstract) end
  return pandoc.Pandoc(head .. doc.blocks, {})
end

return {
  { Pandoc = with_title },
  { Header = function(header)
      header.content = header.content:walk { Link = function(link)
        local mark = pandoc.utils.stringify(link)
        if link.target:match("^#") and (mark == "#" or mark == "\u{b6}" or mark == "\u{a7}" or mark == "") then return {} end
      end }
      if header.identifier == "" and #header.content == 0 then return {} end
      local own = anchor(header.content)
      if header.identifier ~= "" then anchors[header.identifier] = own end
      header.content:walk { Span = function(span) if span.identifier ~= "" then anchors[span.identifier] = own end end }
      header.attr = pandoc.Attr()
      return header
    end },
  { Link = function(link)
      local target = link.target:match("^#(.+)$")
      if target and anchors[target] then link.target = "#" .. anchors[target] end
      link.attr = pandoc.Attr()
      return link
    end,
    Inlines = function(inlines)
      if not splits_code then return nil end -- the reader of AsciiDoc makes a code span of each word
      local out = pandoc.Inlines {}
      for _, inline in ipairs(inlines) do
        local gap, before = out[#out], out[#out - 1]
        if inline.t == "Code" and gap and gap.t == "Space" and before and before.t == "Code" then
          out:remove(#out)
          out[#out] = pandoc.Code(before.text .. " " .. inline.text)
        else
          out:insert(inline)
        end
      end
      return out
    end,
    Image = function(image) image.attr = pandoc.Attr(); return image end,
    Code = function(code)
      local role = code.classes:includes("interpreted-text")
      return pandoc.Code((role and code.text:gsub("%s+", " "):gsub(" ?<.*>$", ""):gsub("^[~!.]+", "") or code.text))
    end,
    Span = content, Underline = content, SmallCaps = content, Superscript = content, Subscript = content,
    Figure = function(figure) return figure.content .. (figure.caption.long or {}) end,
    LineBlock = function(lines)
      local inlines = pandoc.Inlines {}
      for number, line in ipairs(lines.content) do
        if number > 1 then inlines:insert(pandoc.LineBreak()) end
        inlines:extend(line)
      end
      return pandoc.Para(inlines)
    end,
    Div = function(div)
      local kind = div.classes[1]
      if kind == "title" then return div.content:walk { Para = function(para) return pandoc.Para(pandoc.Strong(para.content)) end } end
      for _, admonition in ipairs(admonitions) do
        if div.classes:includes(admonition) then return pandoc.BlockQuote(div.content) end
      end
      if directives and kind and #div.classes == 1 and not plain_directives:includes(kind) then
        return { pandoc.Para { pandoc.Code(kind), pandoc.Str ":" } } .. div.content
      end
      return div.content
    end,
    Blocks = function(blocks)
      local kept = pandoc.Blocks {}
      for _, block in ipairs(blocks) do
        local last = kept[#kept]
        local again = last and last.t == "Header" and block.t == "Header"
          and pandoc.utils.stringify(last) == pandoc.utils.stringify(block)
        if not again then kept:insert(block) end
      end
      return kept
    end,
    CodeBlock = function(code)
      local language = "text"
      for _, class in ipairs(code.classes) do
        local name = class:gsub("^language%-", ""):gsub("^lang%-", "")
        if language == "text" and name ~= "sourceCode" and name ~= "code" and name:match("^[%w+#]+$") then language = name end
      end
      local block = pandoc.CodeBlock(code.text, pandoc.Attr("", { language }))
      local caption = code.attributes.caption
      if not caption then return block end
      local literal = caption:match("^``(.+)``$")
      return { pandoc.Para { literal and pandoc.Code(literal) or pandoc.Str(caption), pandoc.Str ":" }, block }
    end,
    DefinitionList = function(list)
      local items = pandoc.List {}
      for _, item in ipairs(list.content) do
        local term = item[1]:walk { Strong = content, Emph = content }
        local blocks = pandoc.Blocks {}
        for _, definition in ipairs(item[2]) do blocks:extend(definition) end
        local first = blocks[1]
        local head = pandoc.Inlines { pandoc.Strong(term) }
        if first and (first.t == "Para" or first.t == "Plain") then
          blocks:remove(1)
          head:extend { pandoc.Str ":", pandoc.Space() }
          head:extend(first.content)
        end
        blocks:insert(1, pandoc.Para(head))
        items:insert(blocks)
      end
      return pandoc.BulletList(items)
    end,
    Table = function(tbl)
      for _, part in ipairs { tbl.head, tbl.foot } do part.rows = flat_rows(part.rows) end
      for _, body in ipairs(tbl.bodies) do body.head, body.body = flat_rows(body.head), flat_rows(body.body) end
      with_head(tbl)
      local caption = tbl.caption.long
      tbl.caption, tbl.attr = { long = {} }, pandoc.Attr()
      return #caption > 0 and caption .. pandoc.Blocks { tbl } or tbl
    end },
}
