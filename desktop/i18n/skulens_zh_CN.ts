<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN">
<context>
    <name>AmbiguousPage</name>
    <message>
        <source>What was looked at</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Confirm</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Confirm the chosen product (Enter)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Draw the region</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Look at a part only (R)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It is one of these {count}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What differs: {fields}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose one with {keys}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>AnswerCard</name>
    <message>
        <source>Show an item</source>
        <extracomment>Answer, Candidate. Candidate. str: a sentence about what is missing for Enter to do something.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a product first, with its number.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Banner</name>
    <message>
        <source>Dismiss this message (F2)</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>BuildDialog</name>
    <message>
        <source>Build a catalog</source>
        <extracomment>Rows of the refused list that are shown; rejected.csv has all of them. Path: open the catalog in this folder.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A folder with products.csv (or .xlsx, .jsonl) and images/</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Source folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name of the catalog</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose the source folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Build</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Build the catalog</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop; the next build goes on where it stopped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open this catalog</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use the new catalog now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close this window; a running build goes on</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Progress</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Refused rows and photos</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>File</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Line</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>SKU</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reason</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Done: {products} products, {photos} photos, {refused} refused, {seconds} s.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Building</name>
    <message>
        <source>Reading the products</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Looking at the photos</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Writing the catalog</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Building the index</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Learning what is certain</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{rate} a second</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{time} left</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>CandidateRow</name>
    <message>
        <source>Catalog photo</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>CatalogPanel</name>
    <message>
        <source>Catalog</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Back to the answer (Esc)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open a catalog</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The folder that holds the file CURRENT.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Build from a folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A products file and photos of yours.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Demo catalog</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Invented products that come with Skulens.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No catalog is open</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Store</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Version</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Products</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Photos</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Encoder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Runs on</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Why not better</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Folder</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>CrashNotice</name>
    <message>
        <source>Something went wrong</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Skulens ended unexpectedly last time. It works again now, and nothing has to be done.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Skulens met an error it did not expect. It goes on; start it again if something is odd.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A report without pictures was saved. Send it to your store IT:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Path of the report</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Go on</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>DetailPanel</name>
    <message>
        <source>Back</source>
        <extracomment>Photos shown; a catalog with more for one product shows the first ones.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Back to the answer (Esc)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Price</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Aisle</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>In stock</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Catalog photo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All fields</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Details of {name}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>all locations</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>SKU</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>GTIN</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Brand</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Category</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Description</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name ({language})</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{count} in stock, {age}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Photo {number}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Elsewhere</name>
    <message>
        <source>Elsewhere</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>By location</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source> (and {count} more)</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Engine</name>
    <message>
        <source>Something went wrong.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Try again; if it happens again, send the log file to your store IT.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stopped.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start it again to go on where it stopped.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The video {name} cannot be shown ({reason}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose another file, or a camera.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The stream {name} gives no picture ({reason}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check its address and the network; Skulens tries again by itself.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The camera {name} is used by another program or access to it is not allowed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close the other program, or allow camera access in the system&apos;s privacy settings.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The camera {name} was unplugged.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Plug it in again; Skulens goes on by itself.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No camera is connected.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Plug a camera in, or drop a photo on the window.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The settings file {name} cannot be read ({reason}); the defaults are used.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Set what you need again; the old file is kept beside it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{folder} cannot be written ({reason}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose another folder, or ask your store IT for the right to write there.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no space left on the disk of {folder}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Free some space and try again; nothing that was stored before is lost.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The photos in {folder} cannot be used ({reason}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Give a folder with more readable photos.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>`{command}` needs the package {package}, which is not installed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Install it with: pip install &apos;skulens[{extra}]&apos;</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} cannot be used as a list of queries ({reason}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Give it the columns `path` and `sku`; paths are relative to the file.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No usable photo was found for the products in {folder} ({refused} refused).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Put photos in images/&lt;sku&gt;/ or name them in the column `images`; the old catalog is unchanged.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} would take {size_mb} MB unpacked; the limit is {limit_mb} MB.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Split the file, or save it as CSV.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} has no column {missing}; it has: {found}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add the column; its name goes in the first row.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} cannot be read ({reason}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save it again from your spreadsheet as CSV (UTF-8) or XLSX.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no products.csv, products.xlsx or products.jsonl in {folder}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Put a products file with at least a column `sku` there.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The SKU {sku} ({where}) is not in this catalog.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Correct the SKU, or leave it empty for an item that is not in the catalog.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The catalog in {folder} has no earlier version to go back to.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Build the catalog again from its source.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Another process is changing the catalog in {folder}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Wait until it has finished, then try again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The catalog in {folder} was made with the encoder {needed}, but {found} is loaded.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Build the catalog again with `skulens build`, or install the encoder that it names.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The catalog in {folder} has format {found}; this version of Skulens reads up to {supported}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Update Skulens on this machine.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The catalog in {folder} is damaged ({reason}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Go back with `skulens rollback`, or build it again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no catalog in {folder}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose the folder that holds the file CURRENT, or build a catalog with `skulens build`.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The provider {provider} does not work on this machine ({reason}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Leave --provider out to let Skulens choose, or run `skulens doctor`.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The encoder gave no usable answer on {provider} ({reason}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start with --provider cpu and run `skulens doctor`.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The encoder file {name} is damaged ({reason}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Install Skulens again, or copy the encoder folder again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The encoder {encoder_id} that this catalog needs is not on this machine.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Install the version of Skulens that made the catalog, or build the catalog again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} has only {width} x {height} pixels; at least {minimum} in each direction are needed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Take the picture again from closer.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} has {size_mb} MB; the limit for a picture is {limit_mb} MB.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save a smaller copy and try again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} has {width} x {height} pixels; the limit is {limit_megapixels} megapixels.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} ends too early; a part of the picture is missing.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy the picture again from where it came.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} cannot be read as a picture ({reason}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open it in another program and save it as JPEG or PNG.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} is empty.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} is a folder, not a picture.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a picture in it, or open the folder in the warehouse view.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no file {name}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check the name, or drop the picture on the window again.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>EngineReason</name>
    <message>
        <source>a stored vector has not the length 1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>it does not fit into memory</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>it has no rows</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>it has no sheet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>it is being removed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>it is empty</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>it is not UTF-8 text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>it is not a file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>it is not a picture in a known format</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>it is too large</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>its SHA-256 is not the one in encoder.json</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>its calibration makes no sense</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>its first sheet is empty</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>its probe vector is not valid</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>its text is in no encoding that spreadsheets write</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>not an XLSX file, or damaged</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>not every vector has an owner</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the counts are not those of the manifest</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the file is damaged</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the index has other labels than the catalog</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the record names a file outside</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>vectors of different lengths</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>EngineRemark</name>
    <message>
        <source>The GPU of this machine did not work; the CPU is used. Run `skulens doctor`.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The picture is blurred. Hold the item still, or move the camera back.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The picture is dark. Turn on more light.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The picture is too bright. Turn the item away from the lamp.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The picture has few pixels. Take it from closer, or in a higher resolution.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The stock figures are old. Count on the shelf, or have the stock file renewed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There are no stock figures for this product. Look on the shelf.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The catalog is old; prices may have changed. Build it again from newer data.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>HistoryList</name>
    <message>
        <source>Scans of this session</source>
        <extracomment>Older scans are forgotten. str: a SKU.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Scans of this session appear here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This session</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>CONFIRMED</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>IdlePage</name>
    <message>
        <source>Show an item</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Hold it in front of the camera, or drop a photo anywhere on this window.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open a picture</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>From this machine.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Try a sample</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A photo that comes with Skulens.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Search by text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name, brand, SKU or GTIN.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>KeyHelp</name>
    <message>
        <source>Close</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close this sheet (Esc)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keys</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Space</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Freeze the view and look up</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Back, or go on with the live view</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Confirm the product</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a candidate</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Details: all fields and photos</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Draw the region; arrows move it, Shift resizes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Take the region away</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Hint: more light</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Try a sample</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open a picture</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Paste a picture</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Search the catalog by text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Go through the products found</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Warehouse</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a camera</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Catalog: open, build, information</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Settings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Dismiss a message</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This sheet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Full screen</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Quit</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ProbabilityBar</name>
    <message>
        <source>Probability</source>
        <extracomment>&quot;500 ml&quot; must not be broken.</extracomment>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ProductPage</name>
    <message>
        <source>YOUR CHOICE</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Probability</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>sure</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Catalog photo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What was looked at</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Price</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Aisle</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>In stock here</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Or is it one of these?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Confirm</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Confirm this product (Enter)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Details</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All fields and photos (Ctrl+I)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>In the catalog</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your item</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>all locations</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>In stock</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ScanPage</name>
    <message>
        <source>Look up</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Freeze the view and look up (Space)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Go on</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Go on with the live view (Esc)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Region</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Look at a part only (R)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open a picture (Ctrl+O)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Paste</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Paste a picture (Ctrl+V)</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Scanner</name>
    <message>
        <source>The pasted picture</source>
        <extracomment>Live lookups start at most this often: 25 a second leaves a small machine&apos;s cores some rest. Answer: show this card. Answer: the same subject as on the card; only figures changed. EngineError. bool: whether the view stands still. Picture: a still that the view should show. Region | None: where the newest live answer looked. bool: a still is being looked up.</extracomment>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>SearchPanel</name>
    <message>
        <source>Back</source>
        <extracomment>A search starts when no key was pressed for this long. str: a SKU. EngineError.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Back to the answer (Esc)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Products found</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Products found: {count}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No product has the words “{words}”. Try a shorter word, a brand or a number.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>SettingsDialog</name>
    <message>
        <source>Settings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>As in the stock file, e.g. shop</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>As the system</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose the fastest that works</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Processor (CPU)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Graphics card (CUDA)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source> h</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source> days</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep the pictures of this session&apos;s scans in the history</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save the settings (Enter)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Leave everything as it is (Esc)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>First camera found</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Camera</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A camera&apos;s name, a video file, or an address like rtsp://camera/1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This store&apos;s stock location</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Shown first on every card</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Language</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Used from the next start on</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Computes on</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Used when the catalog is opened next</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Products in an answer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How many products a lookup lists</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stock is old after</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Older figures are marked on the card</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Catalog is old after</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>An older one is marked in the status bar</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>They stay in memory only and are gone when the window closes</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>StatusLine</name>
    <message>
        <source>No catalog</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name}  ·  version {version}, {age}  ·  {count} products</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Processor</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Graphics card</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Status: {text}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{rate} frames/s</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>TopBar</name>
    <message>
        <source>Search: name, brand, SKU, GTIN</source>
        <extracomment>str: &apos;&apos; is the first camera, else a name, a file or an address.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Search the catalog by text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Search the catalog by text (Ctrl+F)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Camera</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a camera (Ctrl+K)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Warehouse</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Many pictures at once (Ctrl+W)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Catalog</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open, build, information (Ctrl+L)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Settings (Ctrl+,)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keys (F1)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cameras</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>First camera found</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Video file…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Network camera…</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>TwinCard</name>
    <message>
        <source>Catalog photo</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>UnknownPage</name>
    <message>
        <source>Not in this catalog</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What was looked at</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Closer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Let the item fill the view.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>More light</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Turn it until no glare is left.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Draw the region</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Frame the item in the view.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Search by text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A word from the label.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nearest in the catalog</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What you can do</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing in it looks enough like this item (chance that it is there: {share}).</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Viewfinder</name>
    <message>
        <source>No camera yet</source>
        <extracomment>A drag shorter than this share of the view is a click, which takes the drawn region away. Region | None.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Drop a photo here, or choose a camera above.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Viewfinder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Drag to look at a part only. With the keyboard: R, then the arrow keys; with Shift they resize.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Looking…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>FROZEN</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>LIVE</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Window</name>
    <message>
        <source>Open the folder that holds the file CURRENT</source>
        <extracomment>A live match that stays this long is noted in the history.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} is open.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Opening the catalog…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Preparing the demo catalog</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Opening the camera…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Meanwhile you can drop a photo here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Videos</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open a video</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Network camera</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Address, e.g. rtsp://camera/stream</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no picture yet. Choose a camera, or open a picture.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Drag over the item, or use the arrow keys; Shift resizes.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pictures</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open pictures</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No samples are installed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>An address was dropped or pasted; Skulens does not open addresses.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save the picture on this machine and drop the file.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no picture on the clipboard.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Confirmed: {name}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Closer: let the item fill the view, then press Space.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>More light: turn the item until no glare is left, then press Space.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Wording</name>
    <message>
        <source>no date</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>just now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{count} min ago</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{count} h ago</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{count} days ago</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>MATCH</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>AMBIGUOUS</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>UNKNOWN</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Flavour</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Colour</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Material</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Weight</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Volume</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Brand</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Price</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Category</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Aisle</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>SKU</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{count} in stock</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Aisle {aisle}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>panel</name>
    <message>
        <source>Probability</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cosine similarity</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Euclidean distance</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Steps in milliseconds</source>
        <translation type="unfinished"></translation>
    </message>
</context>
</TS>
